/** E-step: from graded rollouts to the training set, with every query's decision target. */
import { runStep } from '../artifacts/step.ts';
import type { ArtifactStore } from '../artifacts/types.ts';
import type { CampaignConfig } from '../config/campaign.ts';
import { minValidOf } from '../config/defaults.ts';
import { writeJsonLines } from '../formats/json-lines.ts';
import { type CurationOptions, curate } from '../methods/curate.ts';
import { buildTrainingSet } from '../methods/training-set.ts';
import type { Curated, CurateInput } from '../protocol/activities.ts';
import type { Arm, Rollout } from '../rollout/types.ts';
import { encodeTrainingSet } from '../trainer/training-set.ts';
import { countsOf, loadRollouts, requireManifest } from './rollout-blobs.ts';
import { readScored } from './score.ts';
import { readJson } from './shard-plan.ts';

const STAGE = { stage: 'curate', version: 1 } as const;

export async function curateIteration(store: ArtifactStore, input: CurateInput): Promise<Curated> {
  const config = await readJson<CampaignConfig>(store, input.config);
  const options = curationOptions(config, input.iteration);
  const step = { ...STAGE, inputs: { score: input.score }, config: options, seed: options.seed };
  const manifest = await runStep(store, step, async () => {
    const { summaries, priors, shards } = await readScored(store, await requireManifest(store, input.score));
    const curation = curate(summaries, priors, options);
    const curated = await store.putBlob(writeJsonLines(curation.queries));
    if (curation.queries.length === 0) return { outputs: { curation: curated }, facts: { ...curation.counts } };
    const rollouts: Rollout[] = [];
    for (const shard of shards) rollouts.push(...(await loadRollouts(store, shard)));
    const set = buildTrainingSet(curation, rollouts, prefixesOf(rollouts));
    const trainingSet = await store.putBlob(encodeTrainingSet(set));
    return { outputs: { curation: curated, trainingSet }, facts: { ...curation.counts } };
  });
  return { manifest: manifest.key, counts: countsOf(manifest), isEmpty: manifest.outputs.trainingSet === undefined };
}

export function curationOptions(config: CampaignConfig, iteration: number): CurationOptions {
  const { name, alpha, priorFloor, rollouts, pooledAdvantages } = config.strategy;
  return {
    method: config.method,
    strategy: { name, alpha, priorFloor },
    minValid: minValidOf(config),
    rollouts,
    pooledAdvantages,
    seed: `${config.seed}/${iteration}`,
  };
}

/** The forced prefixes as they were sampled; empty where none was forced, and then nothing carries a decision. */
function prefixesOf(rollouts: readonly Rollout[]): readonly [readonly number[], readonly number[]] {
  const prefixOf = (arm: Arm): readonly number[] => rollouts.find((rollout) => rollout.arm === arm)?.prefixIds ?? [];
  return [prefixOf('cot'), prefixOf('code')];
}
