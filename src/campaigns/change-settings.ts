import { putJson } from '../artifacts/codecs.ts';
import type { ArtifactStore } from '../artifacts/types.ts';
import { applySettings, compareSettings } from '../config/settings.ts';
import type { ChangedSettings, ChangeSettingsInput } from '../protocol/activities.ts';
import { readConfig } from '../steps/read-config.ts';

/** Stores the configuration with the settings changed. @throws ConfigError for an invalid change */
export async function changeSettings(
  store: ArtifactStore,
  { config: digest, settings }: ChangeSettingsInput,
): Promise<ChangedSettings> {
  const config = await readConfig(store, digest);
  const resolved = applySettings(config, settings);
  const changes = compareSettings(config, resolved);
  return { config: (await putJson(store, resolved)).digest, resolved, changes };
}
