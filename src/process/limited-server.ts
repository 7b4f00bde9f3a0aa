/** The inside of a limited process: answers one request after the other, watched for CPU time and memory. */
import { Worker } from 'node:worker_threads';
import type { FromLimited, ToLimited } from './limited-process.ts';

/** Gives the work from here on a CPU time of its own. */
export type AllowCpuMs = (cpuMs: number) => void;

/**
 * Serves requests until the parent disconnects. An error of the handler is passed on by its message.
 *
 * @example serveRequests<number, number>((n, allow) => { allow(2000); return n + 1; });
 */
export function serveRequests<Request, Answer>(
  handle: (request: Request, allow: AllowCpuMs) => Answer | Promise<Answer>,
): void {
  const state = new Int32Array(new SharedArrayBuffer(8));
  const parent = process.ppid;
  const maxRssBytes = Number(process.argv[2]) * 2 ** 20;
  // Each change of the number begins a budget; it is odd while a request is in work.
  const allow: AllowCpuMs = (cpuMs) => {
    Atomics.store(state, 1, cpuMs);
    Atomics.add(state, 0, state[0] === undefined || state[0] % 2 === 0 ? 1 : 2);
  };
  const send = (message: FromLimited<Answer>): void => void process.send?.(message);
  let turn: Promise<void> = Promise.resolve();
  // A signal to the whole group ends the parent, which then disconnects; work that it waits for is not lost to it.
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => undefined);
  process.on('disconnect', () => process.exit(0));
  // The parent may be gone by now.
  if (!process.connected) process.exit(0);
  process.on('message', (request: ToLimited<Request>) => {
    turn = turn.then(async () => {
      try {
        allow(request.cpuMs);
        send({ kind: 'answer', answer: await handle(request.request, allow) });
      } catch (error) {
        send({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
      } finally {
        Atomics.add(state, 0, 1);
      }
    });
  });
  const watch = new Worker(new URL('./limits-watch.mjs', import.meta.url), {
    workerData: { state, maxRssBytes, parent },
    execArgv: [],
  });
  watch.once('online', () => send({ kind: 'ready' }));
  watch.once('error', (error) => {
    throw error;
  });
}
