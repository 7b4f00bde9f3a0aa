import { readJson } from '../artifacts/codecs.ts';
import type { ArtifactStore, Digest } from '../artifacts/types.ts';
import type { CampaignConfig } from '../config/campaign.ts';
import { readStoredSettings } from '../config/renamed-settings.ts';

/** A stored configuration; one that an earlier version stored is read under today's names. */
export async function readConfig(store: ArtifactStore, digest: Digest): Promise<CampaignConfig> {
  return readStoredSettings(await readJson<CampaignConfig>(store, digest));
}
