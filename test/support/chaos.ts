/** Campaigns on real stacks, one undisturbed and others whose parts are killed, and what they have in their stores. */

import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { openStore } from '../../src/artifacts/open-store.ts';
import type { Digest } from '../../src/artifacts/types.ts';
import { waitForClient } from '../../src/cli/wait-for-client.ts';
import type { CampaignConfig } from '../../src/config/campaign.ts';
import { readEnvironment } from '../../src/config/environment.ts';
import { generateTestbed, toProblem } from '../../src/datasets/testbed/generate.ts';
import type { CampaignDetail } from '../../src/db/views.ts';
import { testbedCampaign } from '../../src/demo/campaigns.ts';
import { auditSteps, type StepAudit } from '../../src/demo/chaos/audit.ts';
import { type Kill, startKiller } from '../../src/demo/chaos/killer.ts';
import { killLine } from '../../src/demo/chaos/report.ts';
import type { PlannedKill } from '../../src/demo/chaos/schedule.ts';
import { type TaskWatch, watchTasks } from '../../src/demo/chaos/task-watch.ts';
import { stackVictims, type Victims } from '../../src/demo/chaos/victims.ts';
import { followCampaign } from '../../src/demo/follow.ts';
import { storePath } from '../../src/process/paths.ts';
import { OWNER_LABEL } from '../../src/sandbox/container-config.ts';
import { connectDocker } from '../../src/sandbox/docker-connection.ts';
import { type Stack, startStack } from '../../src/workers/stack.ts';
import { withCalls } from './calls.ts';

const START_LIMIT_MS = 120_000;

export interface CampaignSize {
  readonly iterations: number;
  readonly problems: number;
  /** In the warm start. */
  readonly demonstrations: number;
}

/**
 * The testbed in small: seconds an iteration. So short a warm start learns the form and little else; the problems, put in
 * `<folder>/problems.jsonl`, have answers of one digit, some of which it guesses: enough to learn from.
 */
export async function smallCampaign(folder: string, name: string, size: CampaignSize): Promise<CampaignConfig> {
  const config = await testbedCampaign('em', name, { iterations: size.iterations, seed: 3, warmStart: 'balanced' });
  if (config.sft === undefined) throw new Error('the testbed campaign has a warm-up');
  const count = size.problems * (size.iterations + 1);
  const easy = generateTestbed({ count: 20 * count, seed: 3, split: 'train' })
    .map(toProblem)
    .filter(({ answer }) => /^\d$/.test(answer))
    .slice(0, count);
  const file = join(folder, 'problems.jsonl');
  await mkdir(folder, { recursive: true });
  await writeFile(file, easy.map((problem) => `${JSON.stringify(problem)}\n`).join(''));
  return {
    ...config,
    sft: { ...config.sft, problems: size.demonstrations },
    problems: [{ from: file }],
    problemsPerIteration: size.problems,
    sampling: { ...config.sampling, problemsPerShard: Math.ceil(size.problems / 4) },
    evaluations: config.evaluations.map((suite) => ({
      ...suite,
      problems: { ...suite.problems, limit: size.problems },
    })),
  };
}

export interface Run {
  readonly campaign: CampaignDetail;
  readonly kills: readonly Kill[];
  /** Of the schedule: what found nothing to kill before the campaign was over. */
  readonly left: readonly PlannedKill[];
  readonly audit: StepAudit;
  /** Results by step key: stage, outputs, facts. */
  readonly results: ReadonlyMap<Digest, unknown>;
  readonly watch: TaskWatch;
}

export interface RunOptions {
  readonly home: string;
  readonly config: CampaignConfig;
  readonly schedule?: readonly PlannedKill[];
  /** Beside those of the stack. */
  readonly victims?: Victims;
  readonly typicalMs?: Readonly<Record<string, number>>;
  readonly say: (line: string) => void;
  /** Called once the stack answers, before the campaign begins. */
  readonly onReady?: (stack: Stack, watch: TaskWatch) => void;
  /** Keeps the stack up until it resolves, also after the campaign. */
  readonly untilAlso?: () => Promise<unknown>;
}

/** A stack from start to end, with one campaign whose parts are killed by the schedule. */
export async function runCampaign(options: RunOptions): Promise<Run> {
  const { home, config, schedule = [], say } = options;
  const { temporal, dockerHost } = readEnvironment();
  // The watch makes a folder in it.
  await mkdir(home, { recursive: true, mode: 0o700 });
  const watch = watchTasks(home);
  const stack = await startStack({ home, temporal, onNote: say });
  try {
    const client = withCalls(await waitForClient(home, START_LIMIT_MS));
    options.onReady?.(stack, watch);
    const killer = startKiller({
      home,
      watch,
      schedule,
      victims: { ...stackVictims(home, dockerHost), ...options.victims },
      ...(options.typicalMs === undefined ? {} : { typicalMs: options.typicalMs }),
      onKill: (kill) => say(killLine(kill)),
    });
    await client.startCampaign(config);
    const campaign = await followCampaign(client, config.name, () => undefined);
    await killer.stop();
    await options.untilAlso?.();
    const store = await openStore(storePath(home));
    const results = new Map<Digest, unknown>();
    for await (const { key, step, outputs, facts } of store.listManifests()) {
      results.set(key, { stage: step.stage, outputs, facts });
    }
    const audit = await auditSteps(home, store);
    return { campaign, kills: killer.kills, left: killer.left, audit, results, watch };
  } finally {
    await stack.stop();
    watch.close();
  }
}

/** Ids of processes whose command line names the folder. */
export async function processesOn(folder: string): Promise<number[]> {
  const found: number[] = [];
  for (const name of (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry))) {
    const command = await readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => '');
    if (command.includes(folder) && Number(name) !== process.pid) found.push(Number(name));
  }
  return found;
}

/** Ids of containers that sandbox workers of the run left behind. */
export async function containersOf({ watch }: Run): Promise<string[]> {
  const owners = new Set(
    watch.begun.filter(({ role }) => role === 'sandbox').map(({ pid }) => `${hostname()}/${pid}/`),
  );
  const docker = connectDocker(readEnvironment().dockerHost);
  const found = await docker.listContainers({ all: true, filters: { label: [OWNER_LABEL] } });
  return found
    .filter(({ Labels }) => [...owners].some((owner) => Labels[OWNER_LABEL]?.startsWith(owner)))
    .map(({ Id }) => Id);
}

const WARM_STAGES = ['create-model', 'demonstrations', 'execute-batch', 'demonstration-set', 'warm-up'];

/** A home folder whose store has the warm start of another and nothing that came after it. */
export async function copyWarmStart(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  await cp(storePath(from), storePath(to), { recursive: true });
  for (const name of ['journals', 'trees', 'tmp'])
    await rm(join(storePath(to), name), { recursive: true, force: true });
  const store = await openStore(storePath(to));
  for await (const { key, step } of store.listManifests()) {
    if (WARM_STAGES.includes(step.stage)) continue;
    const name = key.slice('sha256:'.length);
    await rm(join(storePath(to), 'manifests', name.slice(0, 2), `${name}.json`));
  }
}

/** Least milliseconds of each activity, but no more than a start of the trainer takes anywhere. */
export function typicalDurations({ watch }: Run): Record<string, number> {
  const activities = new Set(watch.begun.map(({ activity }) => activity));
  return Object.fromEntries(
    [...activities].map((activity) => [activity, Math.min(LONGEST_MS, ...watch.durationsOf(activity))]),
  );
}

const LONGEST_MS = 1000;
