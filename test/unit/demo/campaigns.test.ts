import { expect, it } from 'vitest';
import { loadCampaign } from '../../../src/config/load.ts';
import { testbedCampaign } from '../../../src/demo/campaigns.ts';

it.each([
  ['em', 'testbed'],
  ['rl', 'testbed-rl'],
  ['rft', 'testbed-rft'],
  ['dpo', 'testbed-dpo'],
] as const)(
  'a plain start of the example of %s is the campaign of the demo, with the same warm start',
  async (method, name) => {
    const example = await loadCampaign(`examples/${name}.yaml`);
    const { iterations } = example;
    expect(await testbedCampaign(method, name, { iterations, seed: 1, warmStart: 'skewed' })).toEqual(example);
  },
);
