import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { createStore } from '../../../src/artifacts/store.ts';
import type { RolloutSource, Shard } from '../../../src/campaigns/rollout-source.ts';
import { TrainingCurves } from '../../../src/campaigns/training-curves.ts';
import type { CampaignDetail, IterationView } from '../../../src/db/views.ts';
import { createMemoryStorage } from '../artifacts/memory-storage.ts';

/** One rollout, whose text takes a while to read. */
const shard: Shard = {
  summaries: [
    {
      id: 'r',
      problemId: 'p',
      arm: 'auto',
      sample: 0,
      seed: 's',
      state: 'completed',
      ranCode: false,
      promptTokens: 1,
      modelTokens: 10,
      toolTokens: 0,
      logProbSum: -1,
    },
  ],
  grades: new Map(),
  readTexts: async (id) => {
    await sleep(30);
    return { id, segments: [], blocks: [] };
  },
  readPrefixLogProbs: async () => new Map(),
};

const iterationOf = (iteration: number): IterationView => ({
  iteration,
  status: 'completed',
  stages: [],
  shardsDone: 2,
  shardsPlanned: 2,
  shardManifests: [`${iteration}/2`, `${iteration}/1`],
  counts: {},
});

const CAMPAIGN: CampaignDetail = {
  id: 'c',
  status: 'running',
  iterationsDone: 3,
  createdAt: '',
  updatedAt: '',
  alarms: [],
  iterations: [1, 2, 3].map(iterationOf),
  checkpoints: [],
  evaluations: [],
};

it('reads texts of the newest iterations until the limit, and goes on from there when asked again', async () => {
  const opened: string[] = [];
  const ofIteration = async ({ iteration, shardManifests }: IterationView): Promise<RolloutSource> => ({
    of: { iteration },
    problems: new Map(),
    grading: undefined,
    shards: shardManifests.map((key) => async () => {
      opened.push(key);
      return shard;
    }),
  });
  const store = await createStore(createMemoryStorage(), { cache: { folder: 'unused' } });
  const curves = new TrainingCurves(store, { ofIteration });
  const shown = async (limitMs?: number) =>
    (await curves.behaviour(CAMPAIGN, limitMs)).map(({ iteration }) => iteration);

  expect(await shown(10)).toEqual([]);
  expect(opened).toEqual(['3/2']);
  expect(await shown(10)).toEqual([3]);
  expect(await shown()).toEqual([1, 2, 3]);
  expect(opened).toEqual(['3/2', '3/1', '2/2', '2/1', '1/2', '1/1']);
});

it('keeps the updates of a training whose checkpoint was collected', async () => {
  const store = await createStore(createMemoryStorage(), { cache: { folder: '/nowhere' } });
  const update = { update: 1, updates: 1, epoch: 1, tokens: 10, metrics: { loss: 0.5 } };
  const { key, outputs } = await store.commitManifest({
    step: { stage: 'train', version: 2, inputs: {}, config: {}, seed: '1' },
    outputs: {
      checkpoint: await store.putBlob(Buffer.from('{"files":{}}')),
      updates: await store.putBlob(Buffer.from(`${JSON.stringify(update)}\n`)),
    },
    facts: { metrics: {} },
    information: {},
  });
  const stage = { stage: 'train', status: 'completed', startedAt: '', manifest: key } as const;
  const campaign = { ...CAMPAIGN, iterations: [{ ...iterationOf(1), stages: [stage] }] };
  const read = () =>
    new TrainingCurves(store, { ofIteration: () => Promise.reject(new Error('unused')) }).updates(campaign);
  const before = await read();
  expect(before).toEqual([{ iteration: 1, updates: [expect.objectContaining({ metrics: { loss: 0.5 } })] }]);
  const { checkpoint } = outputs;
  if (checkpoint === undefined) throw new Error('the training has a checkpoint');
  await store.collectTree(checkpoint.digest, { maker: key, keep: new Set() });
  expect(await store.readManifest(key)).toBeUndefined();
  expect(await read()).toEqual(before);
});
