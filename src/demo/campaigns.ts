/** The testbed's campaigns: every method has an example file with the schedule that suits it. */
import { fileURLToPath } from 'node:url';
import type { CampaignConfig } from '../config/campaign.ts';
import { loadCampaign } from '../config/load.ts';
import { METHODS } from '../methods/methods.ts';

export interface DemoOptions {
  readonly iterations: number;
  readonly seed: number;
  readonly warmStart: 'skewed' | 'balanced';
  /** π(code) of a skewed warm start; default: the example's. */
  readonly skewTo?: number;
}

export type TestbedMethod = 'em' | 'rl' | 'rft' | 'dpo';

const EXAMPLES: Readonly<Record<TestbedMethod, string>> = {
  em: 'testbed.yaml',
  rl: 'testbed-rl.yaml',
  rft: 'testbed-rft.yaml',
  dpo: 'testbed-dpo.yaml',
};

/** Campaign of a method from a warm start. The warm-up uses the campaign's seed, so that two seeds differ in both. */
export async function testbedCampaign(
  method: TestbedMethod,
  name: string,
  options: DemoOptions,
): Promise<CampaignConfig> {
  const file = fileURLToPath(new URL(`../../examples/${EXAMPLES[method]}`, import.meta.url));
  const example = await loadCampaign(file);
  if (example.sft === undefined) throw new Error(`${file} has no sft section`);
  const { skewTo: usual, ...sft } = { ...example.sft, seed: options.seed };
  const skewTo = options.skewTo ?? usual;
  return {
    ...example,
    name,
    iterations: options.iterations,
    seed: options.seed,
    sft: options.warmStart === 'balanced' || skewTo === undefined ? sft : { ...sft, skewTo },
  };
}

/** Rollouts that an iteration samples for training. */
export const rolloutsPerIteration = ({ method, problemsPerIteration, sampling }: CampaignConfig): number =>
  METHODS[method]
    .arms(sampling.samplesPerArm, sampling.autoSamples)
    .reduce((sum, { samples }) => sum + samples * problemsPerIteration, 0);

/** The campaign, measured where it has sampled as many rollouts as `other` after one of its iterations. */
export function measuredBeside(config: CampaignConfig, other: CampaignConfig): CampaignConfig {
  const every = Math.max(1, Math.round(rolloutsPerIteration(other) / rolloutsPerIteration(config)));
  return { ...config, evaluations: config.evaluations.map((suite) => ({ ...suite, every })) };
}

/** The campaign with as many iterations as the rollouts of `other` allow, so that both have one budget. */
export const atEqualRollouts = (config: CampaignConfig, other: CampaignConfig): CampaignConfig => ({
  ...config,
  iterations: Math.max(1, Math.round((other.iterations * rolloutsPerIteration(other)) / rolloutsPerIteration(config))),
});
