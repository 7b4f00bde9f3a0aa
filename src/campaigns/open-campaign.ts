/** Checks a campaign before any work, and stores its configuration, its problems and the files that it names. */

import { readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { ArtifactStore } from '../artifacts/types.ts';
import type { CampaignConfig } from '../config/campaign.ts';
import { modelInput, type PinnedInput, problemsInput, tracesInput } from '../config/pinned-inputs.ts';
import { GENERATORS } from '../config/training-sections.ts';
import { canonicalJson } from '../formats/canonical-json.ts';
import { openForeignFiles } from '../models/foreign-folder.ts';
import { ModelFolderError } from '../models/model-files.ts';
import { parseModelSource } from '../models/model-source.ts';
import type { OpenCampaignInput, OpenedCampaign } from '../protocol/activities.ts';
import type { Problem } from '../rollout/types.ts';
import { type ResolveProblems, resolvePinned, storeProblems } from '../steps/describe-evaluation.ts';
import { type CheckedCampaign, checkCampaign } from './check-campaign.ts';
import { type RecordsDeps, writeJournal } from './records.ts';

export interface OpenDeps extends RecordsDeps {
  readonly resolveProblems: ResolveProblems;
}

/** @throws ConfigError for a campaign that can't run */
export async function openCampaign(deps: OpenDeps, { campaignId, config }: OpenCampaignInput): Promise<OpenedCampaign> {
  const { store } = deps;
  const checked = await checkCampaign(config, async (source) => ({
    problems: await resolvePinned(deps, config, source),
  }));
  const { trainingProblems, validationProblems, gradedAsText } = checked;
  const pinned = await pinInputs(store, config, checked);
  const opened = pinned.length === 0 ? config : { ...config, pinned };
  const { digest } = await store.putBlob(Buffer.from(canonicalJson(opened)));
  const problems = await storeProblems(store, trainingProblems);
  const validation =
    validationProblems === undefined ? {} : { validation: await storeProblems(store, validationProblems) };
  const details = { config: digest, problems, ...validation, gradedAsText: gradedAsText.flatMap(({ golds }) => golds) };
  await writeJournal(deps, { campaignId, at: new Date().toISOString(), kind: 'opened', details });
  return { config: digest, problems, ...validation, problemCount: trainingProblems.length };
}

/** Stores what the settings name on this machine. Pins that the configuration has, for example of a fork, stay. */
async function pinInputs(
  store: ArtifactStore,
  config: CampaignConfig,
  { training, suites }: CheckedCampaign<{ readonly problems: readonly Problem[] }>,
): Promise<PinnedInput[]> {
  const pinned = new Map((config.pinned ?? []).map((item) => [item.input, item]));
  const pin = async (input: string, digest: () => Promise<PinnedInput['digest'] | undefined>): Promise<void> => {
    if (pinned.has(input)) return;
    const found = await digest();
    if (found !== undefined) pinned.set(input, { input, digest: found });
  };
  const sets = [
    ...config.problems.map((source, at) => ({ source, problems: training[at]?.problems ?? [] })),
    ...suites.map((suite) => ({ source: suite.config.problems, problems: suite.resolved.problems })),
  ];
  for (const { source, problems } of sets) {
    // Generated ones are the same on every machine.
    if (GENERATORS.some((name) => name === source.from)) continue;
    await pin(problemsInput(source, config.seed), () => storeProblems(store, problems));
  }
  const demonstrations = config.sft?.demonstrations;
  if (typeof demonstrations === 'object') {
    const { file } = demonstrations;
    await pin(tracesInput(file), async () => (await store.putBlob(await readFile(file))).digest);
  }
  await pin(modelInput(config.model), () => storeModel(store, config.model));
  return [...pinned.values()];
}

/** Undefined where the folder is not here, or is no model: the train role, perhaps with another disk, says what is wrong. */
async function storeModel(store: ArtifactStore, model: string): Promise<PinnedInput['digest'] | undefined> {
  const source = parseModelSource(model);
  if (source.kind !== 'folder') return undefined;
  const folder = resolve(source.path);
  if ((await stat(join(folder, 'config.json')).catch(() => undefined)) === undefined) return undefined;
  try {
    return (await store.putFiles(openForeignFiles(folder))).digest;
  } catch (error) {
    if (error instanceof ModelFolderError) return undefined;
    throw error;
  }
}
