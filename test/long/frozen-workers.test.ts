/**
 * A worker that stands still (SIGSTOP) in the middle of a task is given up, and another takes its place; then the first
 * goes on, beside the other or when all is done. What it brings is late: the first writer's manifest stands, and no two
 * trainers write one folder. Some 5 minutes on two cores.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Digest } from '../../src/artifacts/types.ts';
import type { TaskWatch, WatchedTask } from '../../src/chaos/task-watch.ts';
import { trainerOf } from '../../src/chaos/victims.ts';
import type { CampaignConfig } from '../../src/config/campaign.ts';
import { scratchPath } from '../../src/workers/paths.ts';
import { readStepLog, type StepLogLine } from '../../src/workers/step-log.ts';
import { copyWarmStart, processesOn, type Run, runCampaign, smallCampaign } from '../support/chaos.ts';

const COMMAND = fileURLToPath(new URL('../../src/cli/whencode.mjs', import.meta.url));

interface Freeze {
  readonly role: 'sample' | 'sandbox' | 'train' | 'control';
  readonly activity: string;
  readonly stage: string;
  /** When the frozen one goes on: once another has begun the same step, once that has committed it, or after a time. */
  readonly until: 'began' | 'committed' | { readonly ms: number };
}

let folder: string;
let config: CampaignConfig;
let undisturbed: Run;
const say = (line: string): void => console.log(`${new Date().toISOString().slice(11, 19)} ${line}`);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'frozen-'));
  config = await smallCampaign(folder, 'frozen', { iterations: 1, problems: 16, demonstrations: 1500 });
  undisturbed = await runCampaign({ home: join(folder, 'undisturbed'), config, say });
}, 600_000);
afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 }));

const LOOK_EVERY_MS = 5;

/** The line of the step log that is wanted, once it is there; undefined if it is not to come any more. */
async function logged(
  home: string,
  isWanted: (line: StepLogLine) => boolean,
  isOver: () => boolean = () => false,
): Promise<StepLogLine | undefined> {
  for (;;) {
    const over = isOver();
    const found = (await readStepLog(home)).find(isWanted);
    if (found !== undefined || over) return found;
    await sleep(LOOK_EVERY_MS);
  }
}

interface Frozen {
  readonly key: Digest;
  /** Of the training, while both attempts were alive. */
  readonly folders: readonly string[];
  /** How the frozen computation ended. */
  readonly end: StepLogLine['event'] | undefined;
}

/** Freezes the task's process, and the trainer that it runs, in the middle of the stage's step; undefined if that was over. */
async function freeze(
  home: string,
  watch: TaskWatch,
  task: WatchedTask,
  { role, stage, until }: Freeze,
): Promise<Frozen | undefined> {
  const own = (line: StepLogLine): boolean => line.pid === task.pid && line.stage === stage && line.at >= task.beganAt;
  const isOver = (): boolean => watch.endOf(task) !== undefined;
  const began = await logged(home, (line) => own(line) && line.event === 'began', isOver);
  if (began === undefined) return undefined;
  const { key } = began;
  const pids = [task.pid];
  while (role === 'train' && pids.length === 1 && !isOver()) {
    const trainer = await trainerOf(task.pid);
    if (trainer !== undefined) pids.push(trainer);
  }
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  const isEnd = (line: StepLogLine): boolean => own(line) && line.key === key && line.event !== 'began';
  const isLate = (await readStepLog(home)).some(isEnd);
  let folders: string[] = [];
  if (!isLate) {
    say(`${role} ${task.pid} stands still in ${stage}`);
    if (typeof until === 'object') await sleep(until.ms);
    else {
      const other = await logged(home, (line) => line.key === key && line.pid !== task.pid && line.event === until);
      say(`${role} ${other?.pid} has ${until} it`);
      folders = await readdir(join(scratchPath(home), key.slice('sha256:'.length))).catch(() => []);
    }
  }
  for (const pid of pids) process.kill(pid, 'SIGCONT');
  if (isLate) return undefined;
  const end = await logged(home, isEnd);
  say(`${role} ${task.pid} went on, and its computation ${end?.event}`);
  return { key, folders, end: end?.event };
}

/** The first task that is caught in the middle of its step. */
async function freezeOne(home: string, watch: TaskWatch, planned: Freeze): Promise<Frozen> {
  for (let at = 0; ; ) {
    const task = watch.begun[at];
    if (task === undefined) {
      await sleep(LOOK_EVERY_MS);
      continue;
    }
    at += 1;
    const frozen = task.activity === planned.activity ? await freeze(home, watch, task, planned) : undefined;
    if (frozen !== undefined) return frozen;
  }
}

test.each<Freeze>([
  { role: 'sample', activity: 'sampleTurn', stage: 'sample', until: 'began' },
  { role: 'sample', activity: 'sampleTurn', stage: 'sample', until: 'committed' },
  { role: 'sandbox', activity: 'executeTurn', stage: 'execute', until: 'committed' },
  { role: 'train', activity: 'trainIteration', stage: 'train', until: 'began' },
  { role: 'train', activity: 'trainIteration', stage: 'train', until: 'committed' },
  { role: 'control', activity: 'gradeShard', stage: 'grade', until: { ms: 30_000 } },
])(
  '$role frozen until another $until: one result, the undisturbed one',
  async (planned) => {
    const until = typeof planned.until === 'object' ? 'later' : planned.until;
    const home = join(folder, `${planned.role}-${until}`);
    await copyWarmStart(join(folder, 'undisturbed'), home);
    let frozen: Promise<Frozen> | undefined;
    let second: ChildProcess | undefined;
    const run = await runCampaign({
      home,
      config,
      say,
      onReady: ({ temporalAddress }, watch) => {
        const args = ['worker', planned.role, '--home', home, '--address', temporalAddress];
        if (typeof planned.until !== 'object')
          second = spawn(process.execPath, [COMMAND, ...args], { stdio: 'ignore' });
        frozen = freezeOne(home, watch, planned);
      },
    }).finally(async () => {
      if (second?.kill('SIGTERM')) await once(second, 'exit');
    });
    expect(run.campaign).toMatchObject({ status: 'completed', iterationsDone: 1 });
    expect(run.audit.complaints).toEqual([]);
    expect(Object.fromEntries(run.results)).toEqual(Object.fromEntries(undisturbed.results));
    if (frozen === undefined) throw new Error('nothing was frozen');
    const { key, folders, end } = await frozen;
    expect(run.results.has(key)).toBe(true);
    expect(['committed', 'failed']).toContain(end);
    if (planned.role === 'train' && until === 'began') expect(folders).toEqual(['attempt-1', 'attempt-2']);
    expect(await processesOn(home)).toEqual([]);
    await rm(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  },
  300_000,
);
