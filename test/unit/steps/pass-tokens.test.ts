/** Trainings whose option says that the trainer chooses the length of a pass. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openStore } from '../../../src/artifacts/open-store.ts';
import { campaignSchema } from '../../../src/config/campaign.ts';
import { type TrainerDeps, trainCheckpoint } from '../../../src/steps/run-training.ts';
import { iterationOptions } from '../../../src/steps/train-options.ts';
import { type TrainerJob, trainerJobSchema } from '../../../src/trainer/job.ts';
import { tinyModelConfig } from '../../support/model-config.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'pass-tokens-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

/** The job that a training of a model with this configuration gives to the trainer. */
async function jobOf(model: object, deps: Pick<TrainerDeps, 'passTokens'> = {}): Promise<TrainerJob> {
  const folder = join(root, 'model');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'config.json'), JSON.stringify(model));
  const store = await openStore(join(root, 'store'));
  const { digest: checkpoint } = await store.putTree(folder);
  const settings = { name: 'a', model: folder, template: 'markdown', iterations: 1, problems: [{ from: 'x' }] };
  const options = iterationOptions(campaignSchema.parse({ ...settings, train: { microBatchTokens: 'auto' } }), 1);
  const jobs: TrainerJob[] = [];
  const parts: TrainerDeps = {
    store,
    python: 'python',
    scratch: join(root, 'scratch'),
    runTrainer: async ({ job }) => {
      jobs.push(job);
      return { kind: 'cancelled' };
    },
    ...deps,
  };
  const context = { signal: new AbortController().signal, report: () => undefined };
  const placeTrainingSet = async () => undefined;
  const training = { step: checkpoint, checkpoint, placeTrainingSet, options, saveEveryMinutes: undefined };
  await trainCheckpoint(parts, training, context).catch((error: unknown) => {
    if (jobs.length === 0) throw error;
  });
  const [job] = jobs;
  if (job === undefined) throw new Error('no job was started');
  return job;
}

test('the trainer gets the lengths and what each needs', async () => {
  const job = await jobOf(tinyModelConfig());
  expect(job).toMatchObject({ options: { microBatchTokens: 'auto' } });
  expect(trainerJobSchema.parse(job)).toEqual(job);
  expect('passMemory' in job && job.passMemory?.length).toBeGreaterThan(3);
});

test('a replay takes the length that the original took', async () => {
  const job = await jobOf(tinyModelConfig(), { passTokens: 2048 });
  expect(job).toMatchObject({ options: { microBatchTokens: 2048 } });
  expect(job).not.toHaveProperty('passMemory');
});

test('a model whose memory is not known needs a number', async () => {
  await expect(jobOf({ model_type: 'gpt2' })).rejects.toMatchObject({
    type: 'trainer-refused',
    message: expect.stringContaining('set a number of tokens'),
  });
});
