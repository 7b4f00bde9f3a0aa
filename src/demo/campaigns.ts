/**
 * The demo's two campaigns: the testbed example, and the same with plain RL. A start time in their names identifies the
 * run.
 */
import { fileURLToPath } from 'node:url';
import type { CampaignConfig } from '../config/campaign.ts';
import { loadCampaign } from '../config/load.ts';

export interface DemoOptions {
  readonly iterations: number;
  readonly seed: number;
  readonly warmStart: 'skewed' | 'balanced';
}

const EXAMPLE = fileURLToPath(new URL('../../examples/testbed.yaml', import.meta.url));

/** Campaign of a method from a warm start. The warm-up uses the campaign's seed, so that two seeds differ in both. */
export async function testbedCampaign(
  method: CampaignConfig['method'],
  name: string,
  options: DemoOptions,
): Promise<CampaignConfig> {
  const example = await loadCampaign(EXAMPLE);
  if (example.sft === undefined) throw new Error(`${EXAMPLE} has no sft section`);
  const { skewTo, ...sft } = { ...example.sft, seed: options.seed };
  return {
    ...example,
    name,
    method,
    iterations: options.iterations,
    seed: options.seed,
    sft: options.warmStart === 'balanced' || skewTo === undefined ? sft : { ...sft, skewTo },
  };
}
