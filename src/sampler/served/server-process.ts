/** A model server of our own: started on a checkpoint, asked until it is ready, ended with all its processes. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { SamplerCrashError } from '../engine/errors.ts';
import { fillCommand, hideSecrets, quoteWord } from './server-command.ts';

export interface ServerStart {
  /**
   * Shell command in the foreground with `{model}` (folder), `{name}` (what it must call the model), `{port}` and, if the
   * server does not read it from `VLLM_API_KEY`, `{key}` (the API key that it must ask for), e.g.
   * `vllm serve {model} --served-model-name {name} --port {port} --logprobs-mode processed_logprobs`.
   */
  readonly command: string;
  readonly modelDirectory: string;
  readonly servedName: string;
  readonly port: number;
  /** All that the server sees, as in CUDA_VISIBLE_DEVICES; absent: as in this process. */
  readonly gpus?: readonly string[];
  /** Samples that are drawn at a time; default: those of 64 requests. */
  readonly maxSequences?: number;
  /** What the server prints is appended here. */
  readonly logFile: string;
  /** Told, before the server starts, the process that lives as long as the server does, also when this one is killed. */
  readonly onProcess?: (pid: number) => Promise<void>;
  /** Loading and compiling a large model takes minutes. Default 30 minutes. */
  readonly startLimitMs?: number;
}

export interface ServerProcess {
  readonly url: string;
  /** Random for each start, so that no other user of the machine may ask the server. */
  readonly apiKey: string;
  /** Resolves when the server and all it started are gone. */
  close(): Promise<void>;
}

const GUARD = fileURLToPath(new URL('./guard.mjs', import.meta.url));
const START_LIMIT_MS = 30 * 60_000;
const ASK_EVERY_MS = 500;
const LOG_TAIL = 2000;

/** @throws SamplerCrashError with the end of the log when the server ends, or isn't ready in time */
export async function startServer(start: ServerStart): Promise<ServerProcess> {
  const { command, port, logFile, startLimitMs = START_LIMIT_MS } = start;
  const url = `http://127.0.0.1:${port}`;
  const apiKey = randomBytes(32).toString('hex');
  await mkdir(dirname(logFile), { recursive: true });
  const log = await open(logFile, 'a', 0o600);
  // Of an older version: every user could read it.
  await log.chmod(0o600);
  const guard = spawn(process.execPath, [GUARD], { stdio: ['pipe', log.fd, log.fd, 'pipe'] });
  await log.close();
  const [lifeline, , , script] = guard.stdio as Writable[];
  for (const pipe of [lifeline, script]) pipe?.on('error', () => undefined);
  const devices = start.gpus === undefined ? '' : `export CUDA_VISIBLE_DEVICES=${quoteWord(start.gpus.join(','))}\n`;
  let ended = false;
  const gone = new Promise<void>((resolve) => {
    guard.once('exit', () => {
      ended = true;
      resolve();
    });
  });
  const close = async (): Promise<void> => {
    lifeline?.end();
    await gone;
  };
  try {
    if (guard.pid !== undefined) await start.onProcess?.(guard.pid);
  } catch (error) {
    await close();
    throw error;
  }
  script?.end(`export VLLM_API_KEY=${apiKey}\n${devices}${commandOf(start, apiKey)}`);
  const failed = async (why: string): Promise<SamplerCrashError> => {
    await close();
    const message = `the model server ${why}: ${command}\n${await tailOf(logFile)}`;
    return new SamplerCrashError(hideSecrets(message, command, [apiKey]));
  };
  for (const deadline = Date.now() + startLimitMs; ; await sleep(ASK_EVERY_MS)) {
    const status = await statusOf(url, apiKey);
    if (status === 200) return { url, apiKey, close };
    if (status === 401 || status === 403)
      throw await failed('asks for another API key; leave it to VLLM_API_KEY, or write {key} in the command');
    if (ended) throw await failed('ended before it was ready');
    if (Date.now() >= deadline) throw await failed(`was not ready within ${Math.round(startLimitMs / 1000)} s`);
  }
}

const commandOf = ({ command, modelDirectory, servedName, port }: ServerStart, apiKey: string): string =>
  fillCommand(command, {
    model: quoteWord(modelDirectory),
    name: quoteWord(servedName),
    port: `${port}`,
    key: apiKey,
  });

async function statusOf(url: string, apiKey: string): Promise<number | undefined> {
  const headers = { authorization: `Bearer ${apiKey}` };
  const answer = await fetch(`${url}/v1/models`, { headers, signal: AbortSignal.timeout(5000) }).catch(() => undefined);
  await answer?.body?.cancel();
  return answer?.status;
}

async function tailOf(logFile: string): Promise<string> {
  return (await readFile(logFile, 'utf8').catch(() => '')).slice(-LOG_TAIL);
}
