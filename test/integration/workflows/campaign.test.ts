/** Campaigns on a real Temporal server, with the real store and activities, over simulated sampler, sandbox and trainer. */
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Digest } from '../../../src/artifacts/types.ts';
import { type CampaignConfig, campaignSchema } from '../../../src/config/campaign.ts';
import { readJsonLines } from '../../../src/formats/json-lines.ts';
import type { CampaignResult } from '../../../src/protocol/campaign-input.ts';
import type { CampaignView } from '../../../src/protocol/campaign-messages.ts';
import { taskQueueOf } from '../../../src/protocol/queues.ts';
import type { Problem } from '../../../src/rollout/types.ts';
import { endedRollouts } from '../../../src/scoring/rollout-metrics.ts';
import { curateStep } from '../../../src/steps/curate.ts';
import { describeEvaluation } from '../../../src/steps/describe-evaluation.ts';
import { trainStep } from '../../../src/steps/train.ts';
import { decodeTrainingSet } from '../../../src/trainer/training-set.ts';
import { createProblemResolver } from '../../../src/workers/problems.ts';
import {
  abortIterationUpdate,
  extendUpdate,
  pauseSignal,
  resumeSignal,
  retryIterationUpdate,
  statusQuery,
  stopSignal,
} from '../../../workflows/messages.ts';
import { readEvents, readEventsOf } from '../../support/journal.ts';
import { type SimulatedStack, startSimulatedStack } from '../../support/simulated-stack.ts';

let stack: SimulatedStack;
beforeAll(async () => {
  stack = await startSimulatedStack();
});
afterAll(() => stack.stop());
beforeEach(() => {
  Object.assign(stack.parts, { headShare: 0.5, isSandboxDown: false, gate: () => Promise.resolve() });
  Object.assign(stack.parts.done, { generations: 0, executions: 0, trainings: 0, probes: 0 });
});

/** A sandbox that is away for longer than this blocks the campaign. */
const SHORT = { infrastructure: 0.02, partTimeoutMinutes: 0.02 };

const resultOf = (handle: WorkflowHandle): Promise<CampaignResult> => handle.result();

async function until(handle: WorkflowHandle, holds: (view: CampaignView) => boolean): Promise<CampaignView> {
  for (;;) {
    const view = await handle.query(statusQuery);
    if (holds(view)) return view;
    await sleep(50);
  }
}

/** Closes the sampler's gate; the returned function opens it. */
function holdSampler(): () => void {
  let open: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  stack.parts.gate = () => gate;
  return open;
}

describe('a campaign', () => {
  test('runs its iterations, records them in the database, and does every step once', async () => {
    const config = stack.configure('whole');
    const result = await resultOf(await stack.start(config));
    expect(result).toMatchObject({ status: 'completed', state: { iterationsDone: 2, cursor: 8 } });

    const mine = stack.facts.filter(
      (fact) => ('campaignId' in fact ? fact.campaignId : 'id' in fact && fact.id) === 'whole',
    );
    const stages = mine.flatMap((fact) => (fact.kind === 'stage' && fact.status === 'completed' ? [fact.stage] : []));
    const iteration = ['plan', 'sample', 'score', 'curate', 'train', 'evaluate'];
    expect(stages).toEqual(['evaluate', ...iteration, ...iteration]);
    const checkpoints = mine.flatMap((fact) => (fact.kind === 'checkpoint' ? [fact] : []));
    expect(checkpoints.map(({ iteration: n }) => n)).toEqual([0, 1, 2]);
    expect(checkpoints[2]?.parent).toBe(checkpoints[1]?.digest);
    expect(checkpoints[2]?.digest).toBe(result.state?.head);
    const shards = mine.flatMap((fact) => (fact.kind === 'shard' ? [fact.counts] : []));
    const sampledBy = mine.flatMap((fact) => (fact.kind === 'shard' ? [fact.sampledBy] : []));
    expect(new Set(sampledBy)).toEqual(new Set(['embedded simulated 1']));
    expect(shards).toHaveLength(4);
    for (const counts of shards)
      expect(counts).toMatchObject({
        rollouts: 16,
        executions: 8,
        graded: 16,
        'sample.kept': 8,
        'sample.recomputed': 0,
      });
    const evaluated = stack.facts.find((fact) => fact.kind === 'evaluation' && fact.status === 'completed');
    expect(evaluated).toMatchObject({ suite: 'held', metrics: { accuracy: { code: { value: 1, n: 5 } } } });
    // 4 problems × 2 arms × 4 samples in each of 2 iterations, and code rollouts take a second turn; 3 evaluations of 15.
    expect(stack.parts.done.trainings).toBe(2);

    const before = { ...stack.parts.done };
    const again = await resultOf(await stack.start({ ...config, name: 'whole-again' }));
    expect(again.state?.head).toBe(result.state?.head);
    expect(stack.parts.done).toEqual(before);
  });

  test('of the method sft trains once on demonstrations, samples nothing for it, and is evaluated before and after', async () => {
    const demonstrations = { demonstrations: 'one-step', problems: 6, batchTokens: 100 };
    const parsed = campaignSchema.parse({
      ...stack.configure('fine-tuned', { method: 'sft', iterations: 1 }),
      sft: demonstrations,
    });
    const result = await resultOf(await stack.start(parsed));
    expect(result).toMatchObject({ status: 'completed', state: { iterationsDone: 1, cursor: 0 } });
    expect(stack.parts.done.trainings).toBe(1);
    const mine = stack.facts.filter((fact) => 'campaignId' in fact && fact.campaignId === 'fine-tuned');
    const stages = mine.flatMap((fact) =>
      fact.kind === 'stage' && fact.status === 'completed' ? [`${fact.iteration} ${fact.stage}`] : [],
    );
    expect(stages).toEqual(['0 evaluate', '1 train', '1 evaluate']);
    expect(mine.filter((fact) => fact.kind === 'shard')).toEqual([]);
    const checkpoints = mine.flatMap((fact) => (fact.kind === 'checkpoint' ? [fact] : []));
    expect(checkpoints.map(({ iteration, parent }) => [iteration, parent])).toEqual([
      [0, undefined],
      [1, checkpoints[0]?.digest],
    ]);
    // The same training before the first iteration of another method gives the same checkpoint.
    const warmed = campaignSchema.parse({ ...parsed, name: 'warmed', method: 'em', iterations: 0 });
    expect((await resultOf(await stack.start(warmed))).state?.head).toBe(result.state?.head);
    expect(stack.parts.done.trainings).toBe(1);
  });

  test('that version 0.1 began with its method sft goes on as rejection fine-tuning', async () => {
    const { strategy, ...config } = stack.configure('older', { iterations: 1, evaluations: [], seed: 12 });
    const { distinct: _later, ...before } = strategy;
    const stored = { ...config, method: 'sft', strategy: before } as unknown as CampaignConfig;
    const older = await resultOf(await stack.start(stored));
    expect(older.state).toMatchObject({ iterationsDone: 1, cursor: 4 });
    expect(stack.parts.done.trainings).toBe(1);
    const newer = await resultOf(await stack.start({ ...config, name: 'newer', method: 'rft', strategy }));
    expect(newer.state?.head).toBe(older.state?.head);
    expect(stack.parts.done.trainings).toBe(1);
  });

  test('pause lets the step under way end and begins no other; resume goes on', async () => {
    const open = holdSampler();
    const config = stack.configure('paused', { seed: 11, iterations: 1, evaluations: [] });
    const handle = await stack.start({ ...config, sampling: { ...config.sampling, shardsInFlight: 1 } });
    await until(handle, ({ stage, shards }) => stage === 'sample' && shards === 2);
    await handle.signal(pauseSignal, { id: crypto.randomUUID(), by: 'a test' });
    await until(handle, ({ paused }) => paused);
    open();
    await sleep(1000);
    expect(await handle.query(statusQuery)).toMatchObject({ status: 'paused', shardsDone: 0, stage: 'sample' });
    await handle.signal(resumeSignal, { id: crypto.randomUUID() });
    expect((await resultOf(handle)).status).toBe('completed');
    const kinds = (await readEvents(stack.store, 'paused')).map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'paused' || kind === 'resumed')).toEqual(['paused', 'resumed']);
  });

  test('stop cancels what is under way, and a new run goes on from the state that is left', async () => {
    holdSampler();
    const config = stack.configure('stopped', { seed: 12, iterations: 1, evaluations: [] });
    const handle = await stack.start(config);
    await until(handle, ({ stage }) => stage === 'sample');
    await handle.signal(stopSignal, { id: crypto.randomUUID(), when: 'now' });
    const stopped = await resultOf(handle);
    expect(stopped).toMatchObject({ status: 'stopped', state: { iterationsDone: 0 } });
    stack.parts.gate = () => Promise.resolve();
    const { state } = stopped;
    if (state === undefined) throw new Error('a stopped campaign has a state');
    expect(await resultOf(await stack.start(config, { state }))).toMatchObject({ status: 'completed' });
  });

  test('extends by what an update asks for, once however often it is asked', async () => {
    const open = holdSampler();
    const handle = await stack.start(stack.configure('extended', { seed: 13, iterations: 1, evaluations: [] }));
    await until(handle, ({ stage }) => stage === 'sample');
    const extend = () =>
      handle.executeUpdate(extendUpdate, { args: [{ id: 'one-more', iterations: 1 }], updateId: 'one-more' });
    expect(await Promise.all([extend(), extend()])).toEqual([{ iterationsPlanned: 2 }, { iterationsPlanned: 2 }]);
    await expect(
      handle.executeUpdate(extendUpdate, { args: [{ id: crypto.randomUUID(), iterations: 0 }] }),
    ).rejects.toThrow();
    open();
    expect(await resultOf(handle)).toMatchObject({ status: 'completed', state: { iterationsDone: 2 } });
  });

  test('ends cleanly when no problem carries a signal', async () => {
    stack.parts.headShare = 2;
    const result = await resultOf(await stack.start(stack.configure('no-signal', { seed: 14, evaluations: [] })));
    expect(result).toMatchObject({ status: 'no-signal', state: { iterationsDone: 0 } });
    expect(result.reason).toMatch(/none of 4 problems carries a signal; all \d+ graded answers are right/);
    expect(stack.parts.done.trainings).toBe(0);
  });
});

describe('a campaign whose step fails', () => {
  test('is blocked with the reason; after the repair a retry repeats no finished step', async () => {
    stack.parts.isSandboxDown = true;
    const handle = await stack.start(
      stack.configure('outage', { seed: 15, iterations: 1, evaluations: [], failures: SHORT }),
    );
    await expect(
      handle.executeUpdate(retryIterationUpdate, { args: [{ id: crypto.randomUUID() }] }),
    ).rejects.toMatchObject({
      cause: { message: expect.stringMatching(/only a blocked one/) },
    });
    const { reason } = await until(handle, ({ status }) => status === 'blocked');
    expect(reason).toMatch(
      /iteration 1 failed \(over-budget\): code arm: 8 of 16 rollouts lost \(sandbox 8\), 0 allowed; the engine is switched off/,
    );
    const { generations } = stack.parts.done;
    stack.parts.isSandboxDown = false;
    await handle.executeUpdate(retryIterationUpdate, { args: [{ id: crypto.randomUUID(), by: 'a test' }] });
    expect((await resultOf(handle)).status).toBe('completed');
    // The second turn of the 16 code rollouts is all that was left to sample.
    expect(stack.parts.done.generations - generations).toBe(16);
  });

  test('is blocked also where the store takes no record of it, and continues once the store is repaired', async () => {
    const open = holdSampler();
    const handle = await stack.start(stack.configure('journal', { seed: 17, iterations: 1, evaluations: [] }));
    await until(handle, ({ stage, shards }) => stage === 'sample' && shards > 0);
    // A file where the journal's folder was: nothing can be written there.
    const journal = join(stack.journals, 'journal');
    await rename(journal, `${journal}-away`);
    await writeFile(journal, '');
    open();
    const { reason } = await until(handle, ({ status }) => status === 'blocked');
    expect(reason).toMatch(/^iteration 1 failed \(store-unavailable\): writing the journal of journal: /);
    // More failures of the record than a step is allowed.
    await sleep(5000);
    await rm(journal);
    await rename(`${journal}-away`, journal);
    await handle.executeUpdate(retryIterationUpdate, { args: [{ id: crypto.randomUUID(), by: 'a test' }] });
    expect(await resultOf(handle)).toMatchObject({ status: 'completed', state: { iterationsDone: 1 } });
    const statuses = stack.facts.flatMap((fact) =>
      fact.kind === 'campaign' && fact.id === 'journal' ? [fact.status] : [],
    );
    expect(statuses).toContain('blocked');
    expect(statuses.at(-1)).toBe('completed');
  });

  test('is blocked by an evaluation that fails, and a retry measures what is missing', async () => {
    const config = stack.configure('unmeasured', { seed: 18, iterations: 0, failures: SHORT });
    stack.parts.isSandboxDown = true;
    const handle = await stack.start(config);
    const { reason } = await until(handle, ({ status }) => status === 'blocked');
    expect(reason).toMatch(
      /^the evaluation of the start failed \(over-budget\): 1 of 1 evaluations failed: held: .*switched off/,
    );
    stack.parts.isSandboxDown = false;
    await handle.executeUpdate(retryIterationUpdate, { args: [{ id: crypto.randomUUID() }] });
    expect(await resultOf(handle)).toMatchObject({ status: 'completed', state: { isStartEvaluated: true } });
    const recorded = (await readEventsOf(stack.store, 'evaluations', 'fact')).flatMap(({ details: { fact } }) =>
      fact.kind === 'evaluation' ? [fact.status] : [],
    );
    expect(recorded).toEqual(expect.arrayContaining(['running', 'failed', 'completed']));
  });

  test('ends as failed when it is aborted', async () => {
    const config = stack.configure('aborted', { model: '/no/such/folder', evaluations: [] });
    const handle = await stack.start(config);
    const { reason } = await until(handle, ({ status }) => status === 'blocked');
    expect(reason).toMatch(/bad-input.*\/no\/such\/folder has no config.json/);
    await handle.executeUpdate(abortIterationUpdate, { args: [{ id: crypto.randomUUID() }] });
    expect((await resultOf(handle)).status).toBe('failed');
  });
});

test('validation problems are measured before the first iteration and after each, and never trained on', async () => {
  const config = stack.configure('validated', { seed: 23, validation: { problems: 2, rollback: false } });
  const { status, state } = await resultOf(await stack.start(config));
  expect(status).toBe('completed');
  if (state?.validation === undefined) throw new Error('the state names the validation problems');
  const textsOf = async (digest: Digest): Promise<string[]> =>
    readJsonLines<Problem>(await stack.store.readBlob(digest), 'problems').map(({ problem }) => problem);
  const [cut, trained] = [await textsOf(state.validation), await textsOf(state.problems)];
  expect(cut).toHaveLength(2);
  expect(trained.filter((text) => cut.includes(text))).toEqual([]);
  const measured = stack.facts.flatMap((fact) =>
    fact.kind === 'evaluation' && fact.campaignId === 'validated' && fact.suite === 'validation'
      ? [fact.iteration]
      : [],
  );
  expect(measured).toEqual([0, 1, 2]);
});

test('auto rollouts beside those of the arms are sampled, graded and counted', async () => {
  const config = stack.configure('beside', { seed: 24, iterations: 1, evaluations: [] });
  const { status } = await resultOf(await stack.start({ ...config, sampling: { ...config.sampling, autoSamples: 2 } }));
  expect(status).toBe('completed');
  const stages = stack.facts.flatMap((fact) =>
    fact.kind === 'stage' && fact.campaignId === 'beside' && fact.status === 'completed' ? [fact] : [],
  );
  const countsOf = (stage: string) => stages.find((fact) => fact.stage === stage)?.counts ?? {};
  const sampled = countsOf('sample');
  expect([sampled.rollouts, endedRollouts(sampled, 'auto'), endedRollouts(sampled, 'code')]).toEqual([40, 8, 16]);
  expect(countsOf('curate')).toMatchObject({ problems: 4, prefixMass: expect.any(Number), priorsWithoutMass: 0 });
});

test('of the method dpo: both arms are sampled and probed, and pairs of them trained on', async () => {
  const config = stack.configure('pairs', { seed: 25, iterations: 1, evaluations: [], method: 'dpo' });
  const { status } = await resultOf(await stack.start(config));
  expect(status).toBe('completed');
  expect(stack.parts.done).toMatchObject({ trainings: 1, probes: 1 });
  const stages = stack.facts.flatMap((fact) =>
    fact.kind === 'stage' && fact.campaignId === 'pairs' && fact.status === 'completed' ? [fact] : [],
  );
  const curation = stages.find(({ stage }) => stage === 'curate');
  expect(curation?.counts).toMatchObject({ problems: 4, pairs: expect.any(Number), targets: 0 });
  const { trainingSet } = (await curateStep.read(stack.store, curation?.manifest as Digest)).outputs;
  const set = decodeTrainingSet(await stack.store.readBlob(trainingSet?.digest as Digest));
  expect(set.pairs).toHaveLength(curation?.counts?.pairs ?? -1);
  for (const [right, wrong] of set.pairs ?? []) {
    expect([set.sequences[right]?.advantage, set.sequences[wrong]?.advantage]).toEqual([1, -1]);
    expect(set.sequences[right]?.query).toBe(set.sequences[wrong]?.query);
  }
});

test('with train.klReference every training is anchored to the start, and without it names none', async () => {
  const referencesOf = async (name: string, change: Partial<CampaignConfig['train']>) => {
    const config = stack.configure(name, { seed: 27, iterations: 2, evaluations: [] });
    const started = await resultOf(await stack.start({ ...config, train: { ...config.train, ...change } }));
    expect(started.status).toBe('completed');
    const trained = stack.facts.flatMap((fact) =>
      fact.kind === 'stage' && fact.campaignId === name && fact.stage === 'train' ? (fact.manifest ?? []) : [],
    );
    const read = await Promise.all(trained.map((key) => trainStep.read(stack.store, key)));
    const start = stack.facts.find((fact) => fact.kind === 'checkpoint' && fact.campaignId === name);
    return {
      references: read.map(({ inputs }) => inputs.reference),
      start: start?.kind === 'checkpoint' && start.digest,
    };
  };
  const { references, start } = await referencesOf('anchored', { klReference: 'start' });
  expect(references).toEqual([start, start]);
  expect((await referencesOf('plain', {})).references).toEqual([undefined, undefined]);
});

test('a suite with `every` is measured at the start, after each second iteration and after the last', async () => {
  const config = stack.configure('seldom', { seed: 26, iterations: 3 });
  const evaluations = config.evaluations.map((suite) => ({ ...suite, every: 2 }));
  expect((await resultOf(await stack.start({ ...config, evaluations }))).status).toBe('completed');
  const measured = stack.facts.flatMap((fact) =>
    fact.kind === 'evaluation' && fact.campaignId === 'seldom' ? [fact.iteration] : [],
  );
  expect(measured).toEqual([0, 2, 3]);
});

test('an evaluation that is asked for twice runs once', async () => {
  const open = holdSampler();
  const config = stack.configure('asked', { seed: 16 });
  const { digest } = await stack.store.putTree(config.model);
  const [suite] = config.evaluations;
  if (suite === undefined) throw new Error('the configuration has a suite');
  const deps = {
    store: stack.store,
    resolveProblems: createProblemResolver({ dataDirectory: undefined, cacheDirectory: '/' }),
  };
  const ask = async () => {
    const request = await describeEvaluation(deps, config, digest, { ...suite, samples: 2 });
    return stack.client.workflow.start('evaluation', {
      workflowId: request.workflowId,
      workflowIdConflictPolicy: 'USE_EXISTING',
      taskQueue: taskQueueOf('control'),
      args: [request],
    });
  };
  const [first, second] = await Promise.all([ask(), ask()]);
  expect(second.workflowId).toBe(first.workflowId);
  open();
  const [left, right] = await Promise.all([first.result(), second.result()]);
  expect(left).toEqual(right);
  expect(left).toMatchObject({ counts: { rollouts: 30 }, metrics: { accuracy: { code: { value: 1, n: 5 } } } });
});
