/** What a campaign's start stores of the files that its settings name. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openStore } from '../../../src/artifacts/open-store.ts';
import type { ArtifactStore } from '../../../src/artifacts/types.ts';
import { openCampaign } from '../../../src/campaigns/open-campaign.ts';
import { type CampaignConfig, campaignSchema } from '../../../src/config/campaign.ts';
import { applySettings, compareSettings } from '../../../src/config/settings.ts';
import { resolveModel } from '../../../src/steps/create-model.ts';
import { describeEvaluation } from '../../../src/steps/describe-evaluation.ts';
import { readConfig } from '../../../src/steps/read-config.ts';
import { prepareTraces } from '../../../src/steps/traces.ts';
import { createProblemResolver } from '../../../src/workers/problems.ts';
import { tinyModelConfig } from '../../support/model-config.ts';

const CHECKPOINT = `sha256:${'0'.repeat(64)}` as const;
const NOTHING = { facts: async () => undefined, note: async () => undefined };

let folder: string;
let store: ArtifactStore;
let inputs: string;
let config: CampaignConfig;
let deps: Parameters<typeof openCampaign>[0];

const sums = (from: number, count: number): string =>
  Array.from({ length: count }, (_, index) => {
    const left = from + index;
    return `${JSON.stringify({ id: `sum-${left}`, problem: `${left}+7`, answer: `${left + 7}` })}\n`;
  }).join('');

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pinned-'));
  inputs = join(folder, 'inputs');
  await mkdir(join(inputs, 'model'), { recursive: true });
  await writeFile(join(inputs, 'model', 'config.json'), JSON.stringify(tinyModelConfig()));
  await writeFile(join(inputs, 'training.jsonl'), sums(1, 20));
  await writeFile(join(inputs, 'held.jsonl'), sums(50, 20));
  const messages = [
    { role: 'user', content: '100+7' },
    { role: 'assistant', content: 'It is \\boxed{107}.' },
  ];
  await writeFile(
    join(inputs, 'traces.jsonl'),
    `${JSON.stringify({ id: 't', problem: '100+7', answer: '107', messages })}\n`,
  );
  store = await openStore(join(folder, 'store'));
  deps = {
    store,
    database: NOTHING,
    resolveProblems: createProblemResolver({ dataDirectory: undefined, cacheDirectory: folder }),
  };
  config = campaignSchema.parse({
    name: 'pinned',
    model: join(inputs, 'model'),
    template: 'markdown',
    iterations: 1,
    sft: { demonstrations: { file: join(inputs, 'traces.jsonl') }, batchTokens: 100 },
    problems: [{ from: join(inputs, 'training.jsonl') }, { from: 'testbed', limit: 4 }],
    evaluations: [{ suite: 'held', problems: { from: join(inputs, 'held.jsonl'), limit: 5 } }],
  });
});
afterEach(() => rm(folder, { recursive: true }));

const measured = async (settings: CampaignConfig): Promise<string> => {
  const [suite] = settings.evaluations;
  if (suite === undefined) throw new Error('the campaign has a suite');
  return (await describeEvaluation(deps, settings, CHECKPOINT, suite)).workflowId;
};

test('after the start neither evaluation, model nor traces need the files, and nothing is another step than with them', async () => {
  const before = {
    evaluation: await measured(config),
    traces: (await prepareTraces(store, config, traces())).manifest,
  };
  const opened = await openCampaign(deps, { campaignId: 'pinned', config });
  const stored = await readConfig(store, opened.config);
  // Generated problems need no pin.
  expect(stored.pinned?.map(({ input }) => Object.keys(JSON.parse(input)))).toEqual([
    ['problems', 'seed'],
    ['problems', 'seed'],
    ['traces'],
    ['model'],
  ]);
  await rm(inputs, { recursive: true });
  expect(await measured(stored)).toBe(before.evaluation);
  expect((await prepareTraces(store, stored, traces())).manifest).toBe(before.traces);
  const { base } = await resolveModel({ store } as never, { config: opened.config }, {} as never);
  expect(Object.keys((await store.readTree(base)).files)).toEqual(['config.json']);
  await expect(measured(config)).rejects.toThrow(/held\.jsonl/);
});

test('a file that changes after the start changes nothing, and a setting that changes is read anew', async () => {
  const { config: digest } = await openCampaign(deps, { campaignId: 'pinned', config });
  const stored = await readConfig(store, digest);
  const before = await measured(stored);
  await writeFile(join(inputs, 'held.jsonl'), sums(80, 20));
  expect(await measured(stored)).toBe(before);
  expect(await measured({ ...stored, seed: 9 })).not.toBe(before);
  const again = await openCampaign(deps, { campaignId: 'pinned', config: stored });
  expect(again.config).toBe(digest);
  const changed = applySettings(stored, { 'train.epochs': 2 });
  expect(changed.pinned).toEqual(stored.pinned);
  expect(compareSettings(config, changed)).toEqual([{ setting: 'train.epochs', from: config.train.epochs, to: 2 }]);
});

test('a model folder that is not on the machine of control is left to the train role', async () => {
  const elsewhere = { ...config, model: join(folder, 'on-the-gpu-machine') };
  const opened = await openCampaign(deps, { campaignId: 'pinned', config: elsewhere });
  const { pinned = [] } = await readConfig(store, opened.config);
  expect(pinned.some(({ input }) => input.includes('model'))).toBe(false);
  await expect(resolveModel({ store } as never, { config: opened.config }, {} as never)).rejects.toThrow(
    /has no config\.json/,
  );
});

const traces = () => {
  const demonstrations = config.sft?.demonstrations;
  if (typeof demonstrations !== 'object') throw new Error('the campaign has traces');
  return { ...demonstrations, limit: undefined };
};
