/**
 * What every stage writes for fixed inputs: key, inputs, configuration, outputs and facts. Stores that exist are found by
 * these keys, so a change here makes every campaign compute the stage again.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createControlActivities } from '../../../activities/control.ts';
import { createSampleActivities } from '../../../activities/sample.ts';
import { createSandboxActivities } from '../../../activities/sandbox.ts';
import { createTrainActivities } from '../../../activities/train.ts';
import { openStore } from '../../../src/artifacts/open-store.ts';
import type { ArtifactStore, Digest } from '../../../src/artifacts/types.ts';
import { type CampaignConfig, campaignSchema } from '../../../src/config/campaign.ts';
import { canonicalJson } from '../../../src/formats/canonical-json.ts';
import { writeJsonLines } from '../../../src/formats/json-lines.ts';
import type { EvaluationSpec } from '../../../src/steps/describe-evaluation.ts';
import { characterTokenizer, createSimulatedParts, type SimulatedParts } from '../../support/simulated-parts.ts';

// The grader's rules change; what the stages make of them does not.
vi.mock('../../../src/grader/fingerprint.ts', () => ({ GRADER_FINGERPRINT: 'golden' }));

let folder: string;
let store: ArtifactStore;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'golden-'));
  store = await openStore(join(folder, 'store'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const PATIENCE = { patienceMs: 60_000 };
const problems = [3, 4, 5, 6].map((n) => ({ id: `sum-${n}`, problem: `${n}+${n}`, answer: `${2 * n}` }));

/** As an activity of a worker. */
const run = <Input, Result>(activity: (input: Input) => Promise<Result>, input: Input): Promise<Result> =>
  new MockActivityEnvironment().run(activity, input) as Promise<Result>;

/** A grader that fails at one answer, and leaves another to SymPy. */
let isGraderWhole = false;
const grading = {
  fingerprint: 'golden',
  graderOf:
    ({ id, answer }: { readonly id: string; readonly answer: string }) =>
    (response: string) => {
      if (!isGraderWhole && id === 'sum-3' && response.includes('boxed{7}')) throw new RangeError('lost its way');
      if (id === 'sum-4' && response.includes('boxed{9}'))
        return { verdict: 'undecided' as const, reason: 'no-rule', answer: '9' };
      const verdict = response.includes(`{${answer}}`) ? ('correct' as const) : ('incorrect' as const);
      return { verdict, reason: 'golden', answer };
    },
};

function createActivities(parts: SimulatedParts) {
  const training = {
    store,
    python: 'python3',
    scratch: join(folder, 'scratch'),
    runTrainer: parts.runTrainer,
    readTokenizer: async () => characterTokenizer,
    testbedModel: {
      config: { max_position_embeddings: 512 },
      writeTokenizer: async (directory: string) => void (await mkdir(directory, { recursive: true })),
    },
  };
  const sampler = parts.openSampler();
  const engines = {
    use: async <T>(_: Digest, work: (engine: never) => Promise<T>): Promise<T> =>
      work({ sampler: await sampler, tokenizer: characterTokenizer, maxContextTokens: 512 } as never),
    close: async () => undefined,
  };
  return {
    ...createControlActivities({
      store,
      database: { facts: async () => undefined, note: async () => undefined },
      resolveProblems: async () => problems,
      grading,
      findRollback: async () => null,
      collectCheckpoints: async () => undefined,
      waitForEvaluation: () => Promise.reject(new Error('nothing is evaluated elsewhere')),
    }),
    ...createSampleActivities({ store, engines }),
    ...createSandboxActivities({ store, sandboxFor: parts.sandboxFor }),
    ...createTrainActivities(training),
  };
}

type Activities = ReturnType<typeof createActivities>;

const putJson = async (value: unknown): Promise<Digest> =>
  (await store.putBlob(Buffer.from(canonicalJson(value)))).digest;

async function sampleShard(activities: Activities, parts: SimulatedParts, checkpoint: Digest, plan: Digest) {
  const base = { checkpoint, plan, ...PATIENCE };
  const first = await run(activities.sampleTurn, { ...base, turn: 0 });
  parts.failsAt = ({ id }) => id.includes('sum-5') && id.endsWith('/0');
  const executions = await run(activities.executeTurn, { turn: first.manifest, ...PATIENCE });
  parts.failsAt = () => false;
  const previous = { turn: first.manifest, executions: executions.manifest };
  const second = await run(activities.sampleTurn, { ...base, turn: 1, previous });
  const again = await run(activities.executeFailed, { turn: second.manifest, mayRun: true, ...PATIENCE });
  if (again === null) return { turns: [first, second], executions: [executions], last: second };
  const repaired = { turn: second.manifest, executions: again.manifest };
  const third = await run(activities.sampleTurn, { ...base, turn: 2, previous: repaired });
  return { turns: [first, second, third], executions: [executions, again], last: third };
}

async function gradeShard(activities: Activities, plan: Digest, rollouts: Digest): Promise<Digest> {
  isGraderWhole = false;
  await run(activities.gradeShard, { plan, rollouts, retriesFailed: false });
  isGraderWhole = true;
  const { manifest: grades } = await run(activities.gradeShard, { plan, rollouts, retriesFailed: true });
  return (await run(activities.settleGrades, { grades, retriesFailed: true, ...PATIENCE })).manifest;
}

/** An iteration with its warm-up, an evaluation and a replay. */
async function runEverything(config: CampaignConfig, parts: SimulatedParts): Promise<void> {
  const activities = createActivities(parts);
  const configDigest = await putJson(config);
  const { base } = await run(activities.resolveModel, { config: configDigest });
  const prepared = await run(activities.prepareWarmUp, { config: configDigest, base });
  const executed: Digest[] = [];
  for (const batch of prepared.batches)
    executed.push((await run(activities.executeBatch, { config: configDigest, batch, ...PATIENCE })).manifest);
  const warm = { config: configDigest, base, demonstrations: prepared.manifest, executions: executed, ...PATIENCE };
  const { checkpoint } = await run(activities.warmUp, warm);

  const trainingProblems = (await store.putBlob(writeJsonLines(problems))).digest;
  const at = { iteration: 1, config: configDigest };
  const plan = await run(activities.planIteration, { ...at, problems: trainingProblems, cursor: 0 });
  const shards = [];
  for (const job of plan.shards) {
    const sampled = await sampleShard(activities, parts, checkpoint, job.plan);
    const grades = await gradeShard(activities, job.plan, sampled.last.manifest);
    const turns = sampled.turns.map(({ manifest }) => manifest);
    const executions = sampled.executions.map(({ manifest }, turn) => ({ turn: turns[turn], execution: manifest }));
    shards.push({ ...job, turns, executions, grades });
  }
  const rolloutsPlanned = plan.shards.reduce((sum, { rollouts }) => sum + rollouts, 0);
  const score = await run(activities.scoreRollouts, { shards: shards.map(({ grades }) => grades), rolloutsPlanned });
  const curated = await run(activities.curateIteration, { ...at, score: score.manifest });
  expect(curated.isEmpty).toBe(false);
  const trained = await run(activities.trainIteration, {
    ...at,
    checkpoint,
    curation: curated.manifest,
    ...PATIENCE,
  });

  const spec: EvaluationSpec = {
    problems: trainingProblems,
    arms: { auto: 3, cot: 2 },
    samples: 2,
    temperature: 0.6,
    maxNewTokens: 64,
    maxTurns: 2,
    problemsPerShard: 2,
    template: (await templateOf(plan.shards[0]?.plan)) as EvaluationSpec['template'],
    limits: { cpuMs: 1, wallMs: 1, memoryBytes: 1, outputBytes: 1 },
    seed: 'evaluation/0',
  };
  const planned = await run(activities.planEvaluation, { spec: await putJson(spec) });
  expect(planned.shards.length).toBe(2);
  const measured = await run(activities.summariseEvaluation, { score: score.manifest });
  expect(Object.keys(measured.metrics)).not.toEqual([]);

  const stored = {
    campaignId: 'golden',
    ...at,
    checkpoint,
    plan: plan.manifest,
    shards,
    score: score.manifest,
    curation: curated.manifest,
    training: trained.manifest,
    metrics: {},
    ...PATIENCE,
  };
  const replay = { replay: 'golden-run', plan: await putJson(stored) };
  const compared = [
    ...(await run(activities.replayGrades, { ...replay, shard: 0 })),
    ...(await run(activities.replayScore, replay)),
    ...(await run(activities.replayCuration, replay)),
    ...(await run(activities.replayTraining, replay)),
  ];
  expect(compared.map(({ verdict }) => verdict)).toEqual(['identical', 'identical', 'identical', 'identical']);
  expect(await run(activities.findDamage, replay)).toEqual([]);
}

async function templateOf(plan: Digest | undefined): Promise<unknown> {
  if (plan === undefined) throw new Error('no shard was planned');
  return (JSON.parse(`${await store.readBlob(plan)}`) as { readonly template: unknown }).template;
}

test('every stage has the key, the outputs and the facts that it had', async () => {
  const model = join(folder, 'model');
  await mkdir(model);
  await writeFile(join(model, 'config.json'), '{"max_position_embeddings":512}');
  const config = campaignSchema.parse({
    name: 'golden',
    model: 'testbed',
    template: 'testbed',
    iterations: 1,
    problems: [{ from: 'golden.jsonl' }],
    problemsPerIteration: 4,
    sampling: { samplesPerArm: 3, maxNewTokens: 64, maxTurns: 2, problemsPerShard: 2, shardsInFlight: 2 },
    sft: { demonstrations: 'testbed', problems: 6, seed: 5, skewTo: 0.25, batchTokens: 512 },
    train: { precision: 'fp32', threads: 1 },
    seed: 3,
  });
  await runEverything(config, createSimulatedParts());
  const steps: { readonly key: Digest; readonly stage: string; readonly rest: unknown }[] = [];
  for await (const { key, step, outputs, facts } of store.listManifests()) {
    const digests = Object.fromEntries(Object.entries(outputs).map(([name, { digest }]) => [name, digest]));
    steps.push({ key, stage: step.stage, rest: { ...step, outputs: digests, facts } });
  }
  const order = (a: (typeof steps)[number], b: (typeof steps)[number]): number =>
    a.stage.localeCompare(b.stage) || a.key.localeCompare(b.key);
  const golden = Object.fromEntries(steps.sort(order).map(({ key, rest }) => [key, rest]));
  await expect(`${JSON.stringify(golden, null, 1)}\n`).toMatchFileSnapshot('golden-steps.json');
});
