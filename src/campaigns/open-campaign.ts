/** Refuses what can't run before any work, and pins what the campaign works on: configuration and problems as blobs. */

import { ConfigError } from '../config/config-error.ts';
import { checkDisjoint, checkProblems } from '../datasets/check-problems.ts';
import { canonicalJson } from '../formats/canonical-json.ts';
import { writeJsonLines } from '../formats/json-lines.ts';
import type { OpenCampaignInput, OpenedCampaign } from '../protocol/activities.ts';
import type { ResolveProblems } from '../steps/describe-evaluation.ts';
import { EVALUATIONS_JOURNAL, type RecordsDeps, writeJournal } from './records.ts';

export interface OpenDeps extends RecordsDeps {
  readonly resolveProblems: ResolveProblems;
}

export async function openCampaign(deps: OpenDeps, { campaignId, config }: OpenCampaignInput): Promise<OpenedCampaign> {
  const { store, resolveProblems } = deps;
  if (campaignId === EVALUATIONS_JOURNAL)
    throw new ConfigError(`"${campaignId}" is the journal of the evaluations; call the campaign otherwise`);
  const problems = await resolveProblems(config.problems, config.seed);
  const asText = checkProblems('training', problems);
  for (const { suite, problems: held } of config.evaluations) {
    const measured = await resolveProblems([held], config.seed);
    asText.push(...checkProblems(`evaluation ${suite}`, measured));
    checkDisjoint(problems, suite, measured);
  }
  const { digest } = await store.putBlob(Buffer.from(canonicalJson(config)));
  const lines = writeJsonLines(problems.map(({ id, problem, answer }) => ({ id, problem, answer })));
  const stored = await store.putBlob(lines);
  const details = { config: digest, problems: stored.digest, gradedAsText: asText };
  await writeJournal(deps, { campaignId, at: new Date().toISOString(), kind: 'opened', details });
  return { config: digest, problems: stored.digest, problemCount: problems.length };
}
