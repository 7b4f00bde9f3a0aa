import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadCampaign } from '../../../src/config/load.ts';
import { requireSft } from '../../../src/steps/demonstrations.ts';
import { sftOptions, skewOptions } from '../../../src/steps/train-options.ts';

test('the example with adapters shares the warm start of the one without', async () => {
  const [whole, adapted] = await Promise.all(
    ['testbed.yaml', 'testbed-lora.yaml'].map(async (name) => {
      const config = await loadCampaign(join(import.meta.dirname, '../../../examples', name));
      const sft = requireSft(config);
      return [sftOptions(config, sft), skewOptions(config, sft)];
    }),
  );
  expect(adapted).toEqual(whole);
});
