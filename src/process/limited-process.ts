/**
 * Work on files from elsewhere in a process of its own, with a limit on CPU time and memory. A thread is not enough: V8
 * ends the whole process when one of its threads asks for an array or a string beyond the thread's limit.
 */
import { type ChildProcess, fork } from 'node:child_process';

export type ToLimited<Request> = { readonly cpuMs: number; readonly request: Request };
export type FromLimited<Answer> =
  | { readonly kind: 'ready' }
  | { readonly kind: 'answer'; readonly answer: Answer }
  | { readonly kind: 'failed'; readonly message: string };

export interface LimitedProcessOptions {
  /** A plain JavaScript file that loads the program, which calls `serveRequests`. */
  readonly entry: URL;
  /** CPU time of a request unless its handler allows another; not elapsed time, so that a busy machine refuses nothing. */
  readonly cpuMs: number;
  readonly memoryMb: number;
  /** An unused process ends after this time. */
  readonly idleMs: number;
}

/** The request needed more than it may have; the process is gone. */
export class ProcessLimitError extends Error {
  override readonly name = 'ProcessLimitError';
  readonly limit: 'CPU time' | 'memory';

  constructor(limit: 'CPU time' | 'memory') {
    super(`a process took more ${limit} than it may`);
    this.limit = limit;
  }
}

/** The handler in the process threw: its message. */
export class LimitedWorkError extends Error {
  override readonly name = 'LimitedWorkError';
}

/** Without an answer for so long something else than the request is wrong. */
const NO_ANSWER_MS = 300_000;
const STDERR_KEPT = 2000;
/** How V8, the watch and the system end a process that takes too much memory. */
const OUT_OF_MEMORY: readonly NodeJS.Signals[] = ['SIGKILL', 'SIGABRT', 'SIGTRAP', 'SIGILL'];
/** Exit code of an abort that a shell reports. */
const ABORTED = 134;

interface Pending<Request, Answer> {
  readonly request: Request;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Asks the process, which is started when it is needed. Requests are answered in order; when one exceeds a limit, those
 * behind it go to a new process.
 *
 * @throws ProcessLimitError, LimitedWorkError, or an Error for a process that does not start
 * @example const ask = limitedProcess<string, number>({ entry, cpuMs: 2000, memoryMb: 512, idleMs: 10_000 });
 */
export function limitedProcess<Request, Answer>(options: LimitedProcessOptions): (request: Request) => Promise<Answer> {
  const pending: Pending<Request, Answer>[] = [];
  let child: ChildProcess | undefined;
  let isReady = false;
  let timer: NodeJS.Timeout | undefined;

  function start(): void {
    const started = fork(options.entry, [String(options.memoryMb)], {
      execArgv: [`--max-old-space-size=${options.memoryMb}`],
      // Secrets of the parent's environment stay there.
      env: {},
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    child = started;
    isReady = false;
    let log = '';
    started.stderr?.on('data', (text: Buffer) => {
      log = `${log}${text}`.slice(-STDERR_KEPT);
    });
    started.on('message', (message: FromLimited<Answer>) => {
      if (child === started) hear(message);
    });
    started.once('error', (error) => end(started, () => new Error(`a process did not start: ${error.message}`)));
    started.once('exit', (code, signal) => end(started, () => endOf(code, signal, log)));
    watchTime();
  }

  function endOf(code: number | null, signal: NodeJS.Signals | null, log: string): Error {
    if (!isReady) return new Error(`a process did not start (${signal ?? `exit code ${code}`}): ${log}`);
    if (signal === 'SIGVTALRM') return new ProcessLimitError('CPU time');
    if (code === ABORTED || (signal !== null && OUT_OF_MEMORY.includes(signal))) return new ProcessLimitError('memory');
    return new Error(`a process ended (${signal ?? `exit code ${code}`}): ${log}`);
  }

  /** Only the first request can be the cause. */
  function end(ended: ChildProcess, why: () => Error): void {
    if (child !== ended) return;
    child = undefined;
    const first = pending.shift();
    first?.reject(why());
    if (pending.length > 0) start();
    else clearTimeout(timer);
  }

  function hear(message: FromLimited<Answer>): void {
    if (message.kind === 'ready') {
      isReady = true;
      for (const { request } of pending) send(request);
    } else {
      const first = pending.shift();
      if (message.kind === 'answer') first?.resolve(message.answer);
      else first?.reject(new LimitedWorkError(message.message));
    }
    watchTime();
  }

  function watchTime(): void {
    clearTimeout(timer);
    const watched = child;
    if (watched === undefined) return;
    if (pending.length > 0) {
      hold(watched, true);
      timer = setTimeout(() => {
        const seconds = NO_ANSWER_MS / 1000;
        end(watched, () => new Error(`a process gave no answer for ${seconds} s; is the machine overloaded?`));
        watched.kill('SIGKILL');
      }, NO_ANSWER_MS);
    } else {
      hold(watched, false);
      timer = setTimeout(() => {
        child = undefined;
        watched.disconnect();
      }, options.idleMs);
      timer.unref();
    }
  }

  function send(request: Request): void {
    child?.send({ cpuMs: options.cpuMs, request } satisfies ToLimited<Request>, () => undefined);
  }

  return (request) =>
    new Promise((resolve, reject) => {
      pending.push({ request, resolve, reject });
      if (child === undefined) start();
      else {
        if (isReady) send(request);
        if (pending.length === 1) watchTime();
      }
    });
}

/** Whether this process stays alive for the child. */
function hold(child: ChildProcess, isHeld: boolean): void {
  // The stream of a child's stderr is a socket, which has `ref`.
  const stderr = child.stderr as (NodeJS.ReadableStream & { ref?(): void; unref?(): void }) | null;
  for (const part of [child, child.channel, stderr])
    if (isHeld) part?.ref?.();
    else part?.unref?.();
}
