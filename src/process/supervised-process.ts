/** A child process with its output in a log file. It is restarted when it dies. */
import { type ChildProcess, spawn } from 'node:child_process';
import { open } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

export interface ProcessSpec {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly logFile: string;
  readonly cwd?: string;
}

export interface SupervisedProcess {
  readonly name: string;
  /** Undefined while it is down. */
  pid(): number | undefined;
  /** Ends it: closes its stdin and sends SIGTERM, then SIGKILL after the grace time. Resolves when it is gone. */
  stop(): Promise<void>;
}

export interface SupervisionEvents {
  readonly onStart: (name: string, pid: number) => void;
  /** Called when it has died by itself; it is restarted after the delay. */
  readonly onDeath: (name: string, how: string, restartInMs: number) => void;
}

const FIRST_RESTART_MS = 200;
const LAST_RESTART_MS = 10_000;
/** After this uptime a death is not a failed start, and the restart delay is reset. */
const STABLE_MS = 20_000;
const STOP_GRACE_MS = 12_000;

export function superviseProcess(spec: ProcessSpec, events: SupervisionEvents): SupervisedProcess {
  const stopping = new AbortController();
  let child: ChildProcess | undefined;
  const loop = run();

  async function run(): Promise<void> {
    let delayMs = FIRST_RESTART_MS;
    while (!stopping.signal.aborted) {
      const startedAt = Date.now();
      const how = await runOnce();
      if (stopping.signal.aborted) return;
      delayMs = Date.now() - startedAt > STABLE_MS ? FIRST_RESTART_MS : Math.min(delayMs * 2, LAST_RESTART_MS);
      events.onDeath(spec.name, how, delayMs);
      await sleep(delayMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  }

  async function runOnce(): Promise<string> {
    const log = await open(spec.logFile, 'a', 0o600);
    try {
      const started = spawn(spec.command, [...spec.args], {
        stdio: ['pipe', log.fd, log.fd],
        ...(spec.cwd === undefined ? {} : { cwd: spec.cwd }),
        // A process group of its own: Ctrl-C at the terminal reaches only the supervisor, which ends the children in
        // order.
        detached: true,
      });
      child = started;
      started.stdin?.on('error', () => undefined);
      return await new Promise<string>((resolve) => {
        started.once('spawn', () => {
          if (started.pid !== undefined) events.onStart(spec.name, started.pid);
          if (stopping.signal.aborted) endChild();
        });
        started.once('error', (error) => resolve(error.message));
        started.once('exit', (code, signal) => resolve(signal === null ? `exit code ${code}` : `signal ${signal}`));
      });
    } finally {
      child = undefined;
      await log.close();
    }
  }

  function endChild(): void {
    child?.stdin?.end();
    child?.kill('SIGTERM');
  }

  return {
    name: spec.name,
    pid: () => child?.pid,
    async stop() {
      stopping.abort();
      endChild();
      const force = setTimeout(() => child?.kill('SIGKILL'), STOP_GRACE_MS);
      await loop;
      clearTimeout(force);
    },
  };
}
