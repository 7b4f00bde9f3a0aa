/** A model server of our own: started on a checkpoint, asked until it is ready, ended with all its processes. */
import { spawn } from 'node:child_process';
import { mkdir, open, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { SamplerCrashError } from '../engine/errors.ts';

export interface ServerStart {
  /**
   * Shell command in the foreground with `{model}` (folder), `{name}` (what it must call the model) and `{port}`, e.g.
   * `vllm serve {model} --served-model-name {name} --port {port} --logprobs-mode processed_logprobs`.
   */
  readonly command: string;
  readonly modelDirectory: string;
  readonly servedName: string;
  readonly port: number;
  /** What the server prints is appended here. */
  readonly logFile: string;
  /** Loading and compiling a large model takes minutes. Default 30 minutes. */
  readonly startLimitMs?: number;
}

export interface ServerProcess {
  readonly url: string;
  /** Resolves when the server and all it started are gone. */
  close(): Promise<void>;
}

const GUARD = fileURLToPath(new URL('./guard.mjs', import.meta.url));
const START_LIMIT_MS = 30 * 60_000;
const ASK_EVERY_MS = 500;
const LOG_TAIL = 2000;

/** @throws SamplerCrashError with the end of the log when the server ends, or isn't ready in time */
export async function startServer(start: ServerStart): Promise<ServerProcess> {
  const { port, logFile, startLimitMs = START_LIMIT_MS } = start;
  const url = `http://127.0.0.1:${port}`;
  await mkdir(dirname(logFile), { recursive: true });
  const log = await open(logFile, 'a');
  const guard = spawn(process.execPath, [GUARD, commandOf(start)], { stdio: ['pipe', log.fd, log.fd] });
  await log.close();
  guard.stdin?.on('error', () => undefined);
  let ended = false;
  const gone = new Promise<void>((resolve) => {
    guard.once('exit', () => {
      ended = true;
      resolve();
    });
  });
  const close = async (): Promise<void> => {
    guard.stdin?.end();
    await gone;
  };
  for (const deadline = Date.now() + startLimitMs; !(await isReady(url)); await sleep(ASK_EVERY_MS)) {
    if (!ended && Date.now() < deadline) continue;
    const why = ended ? 'ended before it was ready' : `was not ready within ${Math.round(startLimitMs / 1000)} s`;
    await close();
    throw new SamplerCrashError(`the model server ${why}: ${commandOf(start)}\n${await tailOf(logFile)}`);
  }
  return { url, close };
}

function commandOf({ command, modelDirectory, servedName, port }: ServerStart): string {
  const values: Readonly<Record<string, string>> = {
    model: quote(modelDirectory),
    name: quote(servedName),
    port: `${port}`,
  };
  return command.replaceAll(/\{(model|name|port)\}/g, (_, key: string) => values[key] ?? '');
}

const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

async function isReady(url: string): Promise<boolean> {
  const answer = await fetch(`${url}/v1/models`, { signal: AbortSignal.timeout(5000) }).catch(() => undefined);
  await answer?.body?.cancel();
  return answer?.ok ?? false;
}

async function tailOf(logFile: string): Promise<string> {
  return (await readFile(logFile, 'utf8').catch(() => '')).slice(-LOG_TAIL);
}
