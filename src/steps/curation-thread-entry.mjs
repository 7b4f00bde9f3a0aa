// The entry of a worker thread is plain JavaScript: Node 20 starts a thread with nothing else.
import { loadEntry } from '../../infra/bundle.mjs';

await loadEntry('curation-thread');
