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
import type { CampaignConfig } from '../../src/config/campaign.ts';
import type { TaskWatch, WatchedTask } from '../../src/demo/chaos/task-watch.ts';
import { trainerOf } from '../../src/demo/chaos/victims.ts';
import { scratchPath } from '../../src/process/paths.ts';
import { readStepLog, type StepLogLine } from '../../src/process/step-log.ts';
import { copyWarmStart, processesOn, type Run, type RunOptions, runCampaign, smallCampaign } from '../support/chaos.ts';

const COMMAND = fileURLToPath(new URL('../../src/cli/whencode.mjs', import.meta.url));

interface Freeze {
  readonly role: 'sample' | 'sandbox' | 'train';
  readonly activity: string;
  readonly stage: string;
  /** When the frozen one goes on: once another has begun the same step, or once that has committed it. */
  readonly until: 'began' | 'committed';
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
const CONTROL_STANDS_MS = 30_000;

/** What `find` finds in the step log, once it does; undefined when it has not and `isOver`. */
async function logged<T>(
  home: string,
  find: (log: readonly StepLogLine[]) => T | undefined,
  isOver: () => boolean = () => false,
): Promise<T | undefined> {
  for (;;) {
    const over = isOver();
    const found = find(await readStepLog(home));
    if (found !== undefined || over) return found;
    await sleep(LOOK_EVERY_MS);
  }
}

interface Frozen {
  readonly key: Digest;
  /** Of the training, while both attempts were alive. */
  readonly folders: readonly string[];
}

/** Freezes the task's process, and the trainer that it runs, in the middle of the stage's step; undefined if that was over. */
async function freeze(
  home: string,
  watch: TaskWatch,
  task: WatchedTask,
  { role, stage, until }: Freeze,
): Promise<Frozen | undefined> {
  const isOver = (): boolean => watch.endOf(task) !== undefined;
  const own = (log: readonly StepLogLine[]) => log.filter((line) => line.pid === task.pid && line.stage === stage);
  const endOf = (log: readonly StepLogLine[], key: Digest) =>
    own(log).find((line) => line.key === key && line.event !== 'began');
  const underWay = (log: readonly StepLogLine[]) => own(log).find((line) => endOf(log, line.key) === undefined);
  const key = (await logged(home, underWay, isOver))?.key;
  if (key === undefined) return undefined;
  const pids = [task.pid];
  while (role === 'train' && pids.length === 1 && !isOver()) {
    const trainer = await trainerOf(task.pid);
    if (trainer !== undefined) pids.push(trainer);
  }
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  const isLate = endOf(await readStepLog(home), key) !== undefined;
  let folders: string[] = [];
  if (!isLate) {
    say(`${role} ${task.pid} stands still in ${stage}`);
    const other = await logged(home, (log) =>
      log.find((line) => line.key === key && line.pid !== task.pid && line.event === until),
    );
    say(`${role} ${other?.pid}: ${until}`);
    // The other one's folder is made a moment after its step began.
    while (role === 'train' && until === 'began' && folders.length < 2) folders = await attemptFolders(home, key);
  }
  for (const pid of pids) process.kill(pid, 'SIGCONT');
  if (isLate) return undefined;
  const end = await logged(home, (log) => endOf(log, key));
  say(`${role} ${task.pid} went on, and its computation ${end?.event}`);
  return { key, folders };
}

async function attemptFolders(home: string, key: Digest): Promise<string[]> {
  const names = await readdir(join(scratchPath(home), key.slice('sha256:'.length))).catch(() => []);
  return names.filter((name) => name.startsWith('attempt-'));
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

/** The campaign with something done to its stack, compared with the undisturbed one. */
async function runDisturbed(name: string, onReady: NonNullable<RunOptions['onReady']>): Promise<Run> {
  const home = join(folder, name);
  await copyWarmStart(join(folder, 'undisturbed'), home);
  const run = await runCampaign({ home, config, say, onReady });
  expect(run.campaign).toMatchObject({ status: 'completed', iterationsDone: 1 });
  expect(run.audit.complaints).toEqual([]);
  expect(Object.fromEntries(run.results)).toEqual(Object.fromEntries(undisturbed.results));
  return run;
}

test.each<Freeze>([
  { role: 'sample', activity: 'sampleTurn', stage: 'sample', until: 'began' },
  { role: 'sample', activity: 'sampleTurn', stage: 'sample', until: 'committed' },
  { role: 'sandbox', activity: 'executeTurn', stage: 'execute', until: 'committed' },
  { role: 'train', activity: 'trainIteration', stage: 'train', until: 'began' },
  { role: 'train', activity: 'trainIteration', stage: 'train', until: 'committed' },
])(
  '$role stands still until another has $until its step: one result, the undisturbed one',
  async (planned) => {
    const { role, until } = planned;
    let frozen: Promise<Frozen> | undefined;
    let second: ChildProcess | undefined;
    const run = await runDisturbed(`${role}-${until}`, ({ home, temporalAddress }, watch) => {
      const args = ['worker', role, '--home', home, '--address', temporalAddress];
      second = spawn(process.execPath, [COMMAND, ...args], { stdio: 'ignore' });
      frozen = freezeOne(home, watch, planned);
    }).finally(async () => {
      if (second?.kill('SIGTERM')) await once(second, 'exit');
    });
    if (frozen === undefined) throw new Error('nothing was frozen');
    const { key, folders } = await frozen;
    expect(run.results.has(key)).toBe(true);
    if (role === 'train' && until === 'began') expect(folders).toEqual(['attempt-1', 'attempt-2']);
    expect(await processesOn(join(folder, `${role}-${until}`))).toEqual([]);
  },
  300_000,
);

test('control stands still for half a minute: one result, the undisturbed one', async () => {
  let pid: number | undefined;
  await runDisturbed('control', (_, watch) =>
    watch.onBegin((task) => {
      if (pid !== undefined || task.activity !== 'gradeShard') return;
      pid = task.pid;
      process.kill(pid, 'SIGSTOP');
      setTimeout(() => process.kill(task.pid, 'SIGCONT'), CONTROL_STANDS_MS);
    }),
  );
  expect(pid).toBeDefined();
}, 300_000);
