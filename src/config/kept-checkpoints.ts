/** How many checkpoints of a campaign are kept where its file does not say so. */
import type { CampaignConfig } from './campaign.ts';

/** Above it all checkpoints of a campaign fill a disk: one of 7 B has 30 GB. */
const LARGE_PARAMETERS = 1e9;
const KEPT_OF_LARGE = 2;

/** The settings with `checkpoints.keepLast` for a model of this size. Smaller models keep all. */
export function withKeptCheckpoints(config: CampaignConfig, parameters: number): CampaignConfig {
  if (config.checkpoints?.keepLast !== undefined || parameters <= LARGE_PARAMETERS) return config;
  return { ...config, checkpoints: { ...config.checkpoints, keepLast: KEPT_OF_LARGE } };
}
