import { putJson, readJson } from '../artifacts/codecs.ts';
import type { ArtifactStore } from '../artifacts/types.ts';
import type { CampaignConfig } from '../config/campaign.ts';
import { applySettings, compareSettings } from '../config/settings.ts';
import type { ChangedSettings, ChangeSettingsInput } from '../protocol/activities.ts';

/** Stores the configuration with the settings changed. @throws ConfigError for an invalid change */
export async function changeSettings(
  store: ArtifactStore,
  { config: digest, settings }: ChangeSettingsInput,
): Promise<ChangedSettings> {
  const config = await readJson<CampaignConfig>(store, digest);
  const resolved = applySettings(config, settings);
  const changes = compareSettings(config, resolved);
  return { config: (await putJson(store, resolved)).digest, resolved, changes };
}
