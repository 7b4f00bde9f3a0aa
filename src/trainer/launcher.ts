/** Runs the PyTorch program as a process group and reduces its output lines and its exit to one outcome. */
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
  'it was killed while the kernel was out of memory; a smaller train.microBatchTokens or train.gradientCheckpointing needs less';

/** A job that is about to start; its file is in the work directory. */
export interface Launch {
  readonly python: string;
  readonly jobFile: string;
  readonly job: TrainerJob;
}

/**
 * The command that starts the PyTorch program. It runs in the folder of the package `whencode_trainer`, as a process
 * group of its own. It has to end with the group, or with its stdin. Only one process may write events to stdout.
 */
export interface Launcher {
  command(launch: Launch): { readonly file: string; readonly args: readonly string[] };
}

/**
 * The process that reports, which starts those of the other GPUs in the same process group. `-m` finds the package in
 * the working directory; -E and -s ignore the user's Python settings.
 */
export const firstProcess: Launcher = {
  command: ({ python, jobFile }) => ({ file: python, args: ['-E', '-s', '-m', 'whencode_trainer', jobFile] }),
};

export interface RunTrainerOptions {
  /** Interpreter with the packages of `python/requirements.in`. */
  readonly python: string;
  readonly job: TrainerJob;
  /** Default: `firstProcess`. */
  readonly launcher?: Launcher;
  /** Existing folder for the job file and `trainer.log`. */
  readonly workDirectory: string;
  readonly onEvent?: (event: TrainerEvent) => void;
  /** Which training it is, for those who wait for its GPUs. */
  readonly purpose?: string;
  /** Called again and again while another part of the machine has the trainer's GPUs. */
  readonly onWait?: () => void;
  /** Aborting kills the trainer and its child processes at once. */
  readonly signal?: AbortSignal;
  /** Returns the number of out-of-memory kills on this machine so far. */
  readonly memoryKills?: () => Promise<number>;
}

/**
 * Runs a training job. The trainer's stdin stays open as a lifeline: if this process dies, the trainer exits.
 *
 * @param options interpreter, job, existing work directory, callbacks
 * @returns the outcome, also for a failed, refused or killed trainer; only `done` leaves an output directory
 * @throws if the work directory can't be written
 * @example
 * const outcome = await runTrainer({ python, job, workDirectory, onEvent: (event) => report(event), signal });
 * if (outcome.kind === 'refused') throw new Error(outcome.reason);
 */
export async function runTrainer(options: RunTrainerOptions): Promise<TrainerOutcome> {
  const { python, job, launcher = firstProcess, workDirectory, onEvent, signal } = options;
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
    // A kill is no failure of the training, except an out-of-memory kill, which would recur in every attempt.
    if (outcome.kind !== 'killed' || outcome.signal !== 'SIGKILL' || (await memoryKills()) === killsBefore)
      return outcome;
    return { kind: 'failed', reason: OUT_OF_MEMORY, logTail: outcome.logTail };
  } finally {
    await log.close();
  }
}

/** Refuses invalid jobs before Python starts. */
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

/** What is known after the process has ended. */
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
  // A result that was published before the abort counts.
  if (code === 0 && verdict?.kind === 'done' && verdict.updates > 0) return verdict;
  if (code === 0 && verdict?.kind === 'created')
    return { kind: 'done', updates: 0, metrics: { parameters: verdict.parameters } };
  if (code === 0 && verdict?.kind === 'probe')
    return {
      kind: 'done',
      updates: 0,
      metrics: { tokens: verdict.tokens, deviation: verdict.meanAbsDeviation },
    };
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
 * Number of processes that this machine's kernel has killed for lack of memory since boot, including those in
 * containers. 0 where the kernel does not report it (before Linux 4.13, other systems).
 */
export async function countMemoryKills(file = VMSTAT): Promise<number> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return Number(/^oom_kill (\d+)$/m.exec(text)?.[1] ?? 0);
}
