import { checkMachine } from '../checks/machine-for-campaign.ts';
import type { CampaignConfig } from '../config/campaign.ts';
import type { Environment } from '../config/environment.ts';
import type { ScorePrompts } from './check-prefixes.ts';
import { type CampaignPlan, planCampaign } from './plan-campaign.ts';

/** Refuses a campaign that can't run before anything is written. @throws ConfigError, MachineError */
export type Preflight = (config: CampaignConfig) => Promise<CampaignPlan>;

export function createPreflight(environment: Environment, score?: ScorePrompts): Preflight {
  return async (config) => {
    const plan = await planCampaign(config, environment, score);
    await checkMachine(environment, plan.total.diskBytes);
    return plan;
  };
}
