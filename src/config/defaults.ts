/** The campaign's derived settings, in one place. */
import { type RolloutTemplate, TEMPLATES } from '../rollout/template.ts';
import type { CampaignConfig } from './campaign.ts';

/** Valid rollouts that an arm (or the auto group) needs: K/2 unless the campaign says otherwise. */
export const minValidOf = (config: CampaignConfig): number =>
  config.strategy.minValid ?? Math.max(1, Math.ceil(config.sampling.samplesPerArm / 2));

export const templateOf = (config: CampaignConfig): RolloutTemplate =>
  typeof config.template === 'string' ? TEMPLATES[config.template] : (config.template as RolloutTemplate);
