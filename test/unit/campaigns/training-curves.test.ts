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
