/** Runs the PyTorch program as a process group of its own and turns its lines and its end into one outcome. */
import { type ChildProcess, spawn } from 'node:child_process';
import { open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { SafetensorsError } from '../formats/safetensors.ts';
import { ModelFolderError } from '../models/model-files.ts';
import { withArchitecture } from './architecture.ts';
import { complaintAbout, type TrainerJob } from './job.ts';
import { parseTrainerEvent } from './trainer-event.ts';
import type { TrainerEvent, TrainerOutcome } from './types.ts';

const PYTHON_DIRECTORY = fileURLToPath(new URL('./python', import.meta.url));
const LOG_TAIL_CHARACTERS = 4000;
const OUT_OF_MEMORY =
  'it was killed while the kernel ended processes for want of memory; a smaller train.tokensPerPass or train.gradientCheckpointing needs less';

/** A job that is about to start: its file lies in the work directory. */
export interface Launch {
  readonly python: string;
  readonly jobFile: string;
  readonly job: TrainerJob;
}

/**
 * How the PyTorch program is started. The command runs in the folder of the package `whencode_trainer`, as a process
 * group of its own: it has to end with the group, or with its stdin. One process only may write events to stdout.
 */
export interface Launcher {
  command(launch: Launch): { readonly file: string; readonly args: readonly string[] };
}

/** One process on one device. `-m` finds the package in the working directory; -E and -s ignore a user's own Python settings. */
export const singleProcess: Launcher = {
  command: ({ python, jobFile }) => ({ file: python, args: ['-E', '-s', '-m', 'whencode_trainer', jobFile] }),
};

export interface RunTrainerOptions {
  /** Interpreter with the packages of `python/requirements.in`. */
  readonly python: string;
  readonly job: TrainerJob;
  /** Default: one process. */
  readonly launcher?: Launcher;
  /** Existing folder for the job file and `trainer.log`. */
  readonly workDirectory: string;
  readonly onEvent?: (event: TrainerEvent) => void;
  /** Aborting kills the trainer and all it started at once. */
  readonly signal?: AbortSignal;
  /** Processes that the kernel has ended for want of memory so far. */
  readonly memoryKills?: () => Promise<number>;
}

/**
 * Never rejects for what the trainer did; rejects if the work directory can't be written.
 * Its stdin stays open as a lifeline: should this process die, the trainer exits by itself.
 */
export async function runTrainer(options: RunTrainerOptions): Promise<TrainerOutcome> {
  const { python, job, launcher = singleProcess, workDirectory, onEvent, signal } = options;
  const { memoryKills = countMemoryKills } = options;
  if (signal?.aborted) return { kind: 'cancelled' };
  const jobFile = join(workDirectory, 'job.json');
  const logFile = join(workDirectory, 'trainer.log');
  const described = await describeOrRefuse(job);
  if ('reason' in described) return described;
  await writeFile(jobFile, `${JSON.stringify(described, null, 2)}\n`);
  const log = await open(logFile, 'w');
  try {
    const killsBefore = await memoryKills();
    const { file, args } = launcher.command({ python, jobFile, job });
    const child = spawn(file, args, {
      cwd: PYTHON_DIRECTORY,
      detached: true,
      stdio: ['pipe', 'pipe', log.fd],
    });
    const last = await follow(child, onEvent, signal);
    const outcome = await outcomeOf(last, signal?.aborted === true, logFile);
    // A kill says nothing about the training, but for this one: it would come again in every attempt.
    if (outcome.kind !== 'killed' || outcome.signal !== 'SIGKILL' || (await memoryKills()) === killsBefore)
      return outcome;
    return { kind: 'failed', reason: OUT_OF_MEMORY, logTail: outcome.logTail };
  } finally {
    await log.close();
  }
}

/** What no attempt can train from is refused before Python starts. */
async function describeOrRefuse(
  job: TrainerJob,
): Promise<Awaited<ReturnType<typeof withArchitecture>> | (TrainerOutcome & { kind: 'refused' })> {
  const complaint = complaintAbout(job);
  if (complaint !== undefined) return { kind: 'refused', reason: `the job can't be run: ${complaint}`, details: {} };
  try {
    return await withArchitecture(job);
  } catch (error) {
    if (error instanceof ModelFolderError || error instanceof SafetensorsError)
      return { kind: 'refused', reason: error.message, details: {} };
    throw error;
  }
}

/** What is known when the process is gone. */
interface Ending {
  readonly verdict: TrainerEvent | undefined;
  readonly code: number | null;
  readonly signal: string | null;
  readonly spawnError: Error | undefined;
}

async function follow(
  child: ChildProcess,
  onEvent: ((event: TrainerEvent) => void) | undefined,
  signal: AbortSignal | undefined,
): Promise<Ending> {
  const kill = (): void => killGroup(child);
  signal?.addEventListener('abort', kill);
  let verdict: TrainerEvent | undefined;
  let spawnError: Error | undefined;
  child.stdin?.on('error', () => undefined);
  const ended = new Promise<[number | null, string | null]>((resolve) => {
    child.once('error', (error) => {
      spawnError = error;
      resolve([null, null]);
    });
    child.once('close', (code, killedBy) => resolve([code, killedBy]));
  });
  try {
    if (child.stdout)
      createInterface({ input: child.stdout }).on('line', (line) => {
        const event = parseTrainerEvent(line);
        if (event === undefined) return;
        verdict = event;
        onEvent?.(event);
      });
    const [code, killedBy] = await ended;
    return { verdict, code, signal: killedBy, spawnError };
  } finally {
    signal?.removeEventListener('abort', kill);
    killGroup(child);
  }
}

async function outcomeOf(ending: Ending, aborted: boolean, logFile: string): Promise<TrainerOutcome> {
  const { verdict, code, signal, spawnError } = ending;
  if (spawnError !== undefined)
    return { kind: 'failed', reason: `the trainer could not be started: ${spawnError.message}`, logTail: '' };
  // A result that was published before the abort arrived is a result.
  if (code === 0 && verdict?.kind === 'done' && verdict.updates > 0) return verdict;
  if (code === 0 && verdict?.kind === 'created')
    return { kind: 'done', updates: 0, metrics: { parameters: verdict.parameters } };
  if (aborted) return { kind: 'cancelled' };
  if (verdict?.kind === 'refused') return { kind: 'refused', reason: verdict.reason, details: verdict.details };
  const logTail = (await readFile(logFile, 'utf8')).slice(-LOG_TAIL_CHARACTERS);
  if (signal !== null) return { kind: 'killed', signal, logTail };
  if (verdict?.kind === 'failed') return { kind: 'failed', reason: verdict.reason, logTail };
  return { kind: 'failed', reason: `the trainer ended with exit code ${code} and without a verdict`, logTail };
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // The group is gone already.
  }
}

const VMSTAT = '/proc/vmstat';

/**
 * How many processes this machine's kernel has ended for want of memory since it started, in containers too; 0 where it
 * does not say (before Linux 4.13, other systems).
 */
export async function countMemoryKills(file = VMSTAT): Promise<number> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return Number(/^oom_kill (\d+)$/m.exec(text)?.[1] ?? 0);
}
