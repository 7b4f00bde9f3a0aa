/** Checks a campaign before any work, and stores its configuration and its problems as blobs. */

import { canonicalJson } from '../formats/canonical-json.ts';
import type { OpenCampaignInput, OpenedCampaign } from '../protocol/activities.ts';
import { type ResolveProblems, storeProblems } from '../steps/describe-evaluation.ts';
import { checkCampaign } from './check-campaign.ts';
import { type RecordsDeps, writeJournal } from './records.ts';

export interface OpenDeps extends RecordsDeps {
  readonly resolveProblems: ResolveProblems;
}

/** @throws ConfigError for a campaign that can't run */
export async function openCampaign(deps: OpenDeps, { campaignId, config }: OpenCampaignInput): Promise<OpenedCampaign> {
  const { store, resolveProblems } = deps;
  const { trainingProblems, validationProblems, gradedAsText } = await checkCampaign(config, async (source) => ({
    problems: await resolveProblems([source], config.seed),
  }));
  const { digest } = await store.putBlob(Buffer.from(canonicalJson(config)));
  const problems = await storeProblems(store, trainingProblems);
  const validation =
    validationProblems === undefined ? {} : { validation: await storeProblems(store, validationProblems) };
  const details = { config: digest, problems, ...validation, gradedAsText: gradedAsText.flatMap(({ golds }) => golds) };
  await writeJournal(deps, { campaignId, at: new Date().toISOString(), kind: 'opened', details });
  return { config: digest, problems, ...validation, problemCount: trainingProblems.length };
}
