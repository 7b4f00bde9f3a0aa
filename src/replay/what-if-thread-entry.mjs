// A worker thread of Node 20 doesn't take --import's loader for its entry file, so the entry is plain JavaScript.
import { register } from 'tsx/esm/api';

register();
await import('./what-if-thread.ts');
