import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { putJson } from '../../../src/artifacts/codecs.ts';
import { openStore } from '../../../src/artifacts/open-store.ts';
import type { ArtifactStore } from '../../../src/artifacts/types.ts';
import { campaignSchema } from '../../../src/config/campaign.ts';
import { createComparingStore } from '../../../src/replay/comparing-store.ts';
import { trainIteration, trainStep } from '../../../src/steps/train.ts';
import { meansOfLastEpoch } from '../../../src/steps/training-metrics.ts';
import type { RunTrainerOptions } from '../../../src/trainer/launcher.ts';
import type { TrainerOutcome, TrainingUpdate } from '../../../src/trainer/types.ts';

const update = (number: number, epoch: number, tokens: number, decisions: number, metrics: Record<string, number>) =>
  ({ update: number, epoch, tokens, decisions, metrics }) satisfies TrainingUpdate;

describe('means of the last epoch', () => {
  test('weigh each figure by what it is a mean over, and leave earlier epochs out', () => {
    const series = [
      update(1, 1, 500, 5, { loss: 9, ratio_mean: 9, code_prob: 0.9, grad_norm: 9 }),
      update(2, 2, 300, 1, { loss: 1, ratio_mean: 1, code_prob: 0.2, grad_norm: 1 }),
      update(3, 2, 100, 3, { loss: 3, ratio_mean: 2, code_prob: 0.4, grad_norm: 4 }),
    ];
    const { code_prob: probability, ...rest } = meansOfLastEpoch(series);
    expect(rest).toEqual({ loss: 2, ratio_mean: 1.25, grad_norm: 2.5 });
    expect(probability).toBeCloseTo(0.35, 12);
  });

  test('weigh what only tokens with an advantage measure by those tokens', () => {
    const series = [
      { ...update(1, 1, 1000, 0, { clip_frac: 0.5, approx_kl: 0 }), learnt: 100 },
      { ...update(2, 1, 1000, 0, { clip_frac: 0, approx_kl: 1 }), learnt: 900 },
    ];
    expect(meansOfLastEpoch(series)).toEqual({ clip_frac: 0.05, approx_kl: 0.5 });
    expect(meansOfLastEpoch(series.map(({ learnt: _, ...older }) => older))).toEqual({
      clip_frac: 0.25,
      approx_kl: 0.5,
    });
  });

  test('leave out what no update measured', () => {
    expect(meansOfLastEpoch([update(1, 1, 10, 0, { loss: 1, code_prob: 0.5 })])).toEqual({ loss: 1 });
    expect(meansOfLastEpoch([])).toEqual({});
  });

  test('lie between the smallest and the largest value, and are it where all are alike', () => {
    const updates = fc.array(
      fc.record({ tokens: fc.integer({ min: 1, max: 9999 }), kl: fc.double({ min: -5, max: 5, noNaN: true }) }),
      { minLength: 1, maxLength: 20 },
    );
    fc.assert(
      fc.property(updates, (items) => {
        const series = items.map(({ tokens, kl }, at) => update(at + 1, 1, tokens, 0, { approx_kl: kl }));
        const { approx_kl: mean = Number.NaN } = meansOfLastEpoch(series);
        const values = items.map(({ kl }) => kl);
        expect(mean).toBeGreaterThanOrEqual(Math.min(...values) - 1e-9);
        expect(mean).toBeLessThanOrEqual(Math.max(...values) + 1e-9);
      }),
    );
  });
});

describe('the train step', () => {
  let folder: string;
  let store: ArtifactStore;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'train-step-'));
    store = await openStore(join(folder, 'store'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const series = [update(1, 1, 100, 0, { loss: 3, nll: 3 }), update(2, 1, 300, 0, { loss: 1, nll: 1 })];

  /** Trains in a store, with a trainer that says what is given. */
  async function train(into: ArtifactStore, given: Partial<Extract<TrainerOutcome, { kind: 'done' }>>) {
    const model = join(folder, 'model');
    await mkdir(model, { recursive: true });
    await writeFile(join(model, 'config.json'), '{}');
    const settings = { name: 'series', model, template: 'testbed', iterations: 1, problems: [{ from: 'x' }] };
    const config = (await putJson(store, campaignSchema.parse(settings))).digest;
    const curation = await store.commitManifest({
      step: { stage: 'curate', version: 1, inputs: {}, config: null, seed: '' },
      outputs: { trainingSet: await store.putBlob(Buffer.from('a training set')) },
      facts: {},
      information: {},
    });
    const checkpoint = (await store.putTree(model)).digest;
    const deps = {
      store: into,
      python: 'python3',
      scratch: join(folder, 'scratch'),
      async runTrainer({ job }: RunTrainerOptions): Promise<TrainerOutcome> {
        if (job.kind !== 'train') throw new Error('only trainings are asked for');
        await mkdir(job.outputDirectory);
        await writeFile(join(job.outputDirectory, 'weights'), 'new');
        return { kind: 'done', updates: 2, metrics: { loss: 1, nll: 1 }, ...given };
      },
    };
    const input = { iteration: 1, config, checkpoint, curation: curation.key, patienceMs: 60_000 };
    const context = { signal: new AbortController().signal, report: () => undefined };
    return trainIteration(deps, input, context);
  }

  test('keeps every update, and reports the means of the last epoch', async () => {
    const { manifest, metrics } = await train(store, { series });
    const done = await trainStep.read(store, manifest);
    expect(await done.outputs.updates?.read()).toEqual(series);
    expect(done.facts.metrics).toEqual({ loss: 1, nll: 1 });
    expect(metrics).toEqual({ loss: 2, nll: 1.5 });
  });

  test('reports the last update where no series was kept', async () => {
    const { manifest, metrics } = await train(store, {});
    expect((await trainStep.read(store, manifest)).outputs.updates).toBeUndefined();
    expect(metrics).toEqual({ loss: 1, nll: 1 });
  });

  test('a training of an earlier version, which kept no series, is identical when it is done again', async () => {
    const { manifest } = await train(store, {});
    const comparing = createComparingStore(store, await store.readManifest(manifest));
    await train(comparing, { series });
    expect(comparing.outcome()).toMatchObject({ verdict: 'identical', metrics: { loss: 2, nll: 1.5 } });
  });

  test.each([
    ['a little, as rounding on other hardware does', 1.0005, 'within-tolerance'],
    ['by much', 1.5, 'different'],
  ])('a series that deviates %s is named', async (_, loss, verdict) => {
    const { manifest } = await train(store, { series });
    const comparing = createComparingStore(store, await store.readManifest(manifest));
    const [first, second] = series;
    if (first === undefined || second === undefined) throw new Error('the series has two updates');
    await train(comparing, { series: [first, { ...second, metrics: { ...second.metrics, loss } }] });
    expect(comparing.outcome()).toMatchObject({ verdict });
    if (verdict === 'different')
      expect(comparing.outcome()?.difference).toMatchObject({ output: 'updates', field: 'metrics.loss', now: '1.5' });
  });
});
