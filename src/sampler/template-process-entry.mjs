// The entry of a process is plain JavaScript: Node 20 starts nothing else.
import { loadEntry } from '../../infra/bundle.mjs';

await loadEntry('template-process');
