import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { CampaignConfig } from '../../../src/config/campaign.ts';
import { loadCampaign } from '../../../src/config/load.ts';
import { requireSft } from '../../../src/steps/demonstrations.ts';
import { iterationOptions, probeOptions, sftOptions, skewOptions } from '../../../src/steps/train-options.ts';
import { trainOptionsSchema } from '../../../src/trainer/job.ts';

const EXAMPLES = join(import.meta.dirname, '../../../examples');

test('campaigns that differ in how they train share their warm start', async () => {
  const config = await loadCampaign(join(EXAMPLES, 'testbed.yaml'));
  const sft = requireSft(config);
  const { optimizer } = config.train;
  const others: CampaignConfig['train'][] = [
    { ...config.train, optimizer: { ...optimizer, learningRate: 1e-3, schedule: 'cosine', warmupSteps: 3 } },
    { ...config.train, optimizer: { ...optimizer, name: 'muon', muonLearningRate: 6e-3 } },
    { ...config.train, klWeight: 16, epochs: 1, decisionWeight: 0 },
  ];
  for (const train of others) expect(skewOptions({ ...config, train }, sft)).toEqual(skewOptions(config, sft));
});

test('the example with adapters shares the warm start of the one without', async () => {
  const [whole, adapted] = await Promise.all(
    ['testbed.yaml', 'testbed-lora.yaml'].map(async (name) => {
      const config = await loadCampaign(join(EXAMPLES, name));
      const sft = requireSft(config);
      return [sftOptions(config, sft), skewOptions(config, sft)];
    }),
  );
  expect(adapted).toEqual(whole);
});

test('a training on pairs has β and no probe of its own; the first shard is probed for every method with log-probs', async () => {
  const config = await loadCampaign(join(EXAMPLES, 'testbed-dpo.yaml'));
  const options = iterationOptions(config, 1);
  expect(options).toMatchObject({ objective: 'preference', preferenceBeta: 0.1, decisionWeight: 0 });
  expect(options).not.toHaveProperty('ratioTolerance');
  expect(options).not.toHaveProperty('klWeight');
  expect(trainOptionsSchema.safeParse(options).success).toBe(true);
  expect(probeOptions(config, 1)).toEqual({ ...options, ratioTolerance: 0.02 });
  expect(probeOptions({ ...config, method: 'rl', strategy: { ...config.strategy } }, 1)?.ratioTolerance).toBe(0.02);
  expect(probeOptions({ ...config, method: 'rft' }, 1)).toBeUndefined();
  for (const method of ['em', 'rl', 'rft'] as const)
    expect(iterationOptions({ ...config, method }, 1)).not.toHaveProperty('preferenceBeta');
});
