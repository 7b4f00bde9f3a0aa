// The watch over a limited process, in a thread of its own: the main thread may be in a loop that never yields.
import { workerData } from 'node:worker_threads';

/**
 * `state`: number of the budget (odd: in work), and its CPU milliseconds.
 *
 * @type {{ state: Int32Array, maxRssBytes: number, parent: number }}
 */
const { state, maxRssBytes, parent } = workerData;
const cpuMs = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};
let budget = -1;
let begunAtMs = 0;

setInterval(() => {
  if (process.ppid !== parent) process.kill(process.pid, 'SIGKILL');
  const current = Atomics.load(state, 0);
  if (current !== budget) {
    budget = current;
    begunAtMs = cpuMs();
  }
  if (budget % 2 === 0) return;
  if (cpuMs() - begunAtMs > Atomics.load(state, 1)) process.kill(process.pid, 'SIGVTALRM');
  if (process.memoryUsage.rss() > maxRssBytes) process.kill(process.pid, 'SIGKILL');
}, 20);
