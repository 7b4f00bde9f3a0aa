import { type CampaignConfig, campaignSchema } from '../config/campaign.ts';
import { readStoredSettings } from '../config/renamed-settings.ts';
import { applySettings, resolveSetting, type Settings } from '../config/settings.ts';
import type { CampaignDetail } from '../db/views.ts';
import { UseCaseError } from './use-case-error.ts';

/** Resolves settings to their full paths and checks them against the campaign's. @throws ConfigError, UseCaseError */
export function checkSettings(campaign: CampaignDetail, settings: Settings): Settings {
  if (Object.keys(settings).length === 0)
    throw new UseCaseError(
      'bad-request',
      'say what to change, e.g. {"settings": {"train.optimizer.learningRate": 1e-4}}',
    );
  applySettings(configOf(campaign), settings);
  return Object.fromEntries(Object.entries(settings).map(([name, value]) => [resolveSetting(name), value]));
}

function configOf({ id, config }: CampaignDetail): CampaignConfig {
  const parsed = campaignSchema.safeParse(readStoredSettings(config));
  if (parsed.success) return parsed.data;
  throw new UseCaseError('conflict', `the settings of campaign "${id}" are not those of this version`);
}
