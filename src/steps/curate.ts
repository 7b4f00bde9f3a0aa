/** The stage `curate` (E-step): from graded rollouts to the training set, with every query's decision target. */

import { z } from 'zod';
import { bytes, jsonLines, optional, readJson } from '../artifacts/codecs.ts';
import { defineStep } from '../artifacts/define-step.ts';
import { digestSchema } from '../artifacts/step-inputs.ts';
import type { ArtifactStore } from '../artifacts/types.ts';
import type { CampaignConfig } from '../config/campaign.ts';
import { isSet, minValidOf, strategyOf } from '../config/defaults.ts';
import { deriveSeed } from '../formats/seeds.ts';
import { type Curation, type CurationOptions, curate } from '../methods/curate.ts';
import { explainNoSignal } from '../methods/explain-no-signal.ts';
import { METHODS } from '../methods/methods.ts';
import { problemPriors } from '../methods/problem-priors.ts';
import { withSolutions } from '../methods/solutions.ts';
import { buildTrainingSet } from '../methods/training-set.ts';
import type { Curated, CurateInput } from '../protocol/activities.ts';
import type { RolloutTexts } from '../rollout/file.ts';
import type { Arm, Rollout } from '../rollout/types.ts';
import { encodeTrainingSet } from '../trainer/training-set.ts';
import { readConfig } from './read-config.ts';
import { loadRollouts, type SampledStep } from './sample.ts';
import { readScored } from './score.ts';
import type { ShardPlan } from './shard-plan.ts';
import { countsSchema } from './step-facts.ts';

export const curateStep = defineStep({
  stage: 'curate',
  version: 2,
  inputs: z.object({ score: digestSchema }),
  outputs: {
    curation: jsonLines<Curation['queries'][number]>(),
    /** Absent when no query carries a signal. */
    trainingSet: optional(bytes()),
  },
  facts: countsSchema,
});

export async function curateIteration(store: ArtifactStore, input: CurateInput): Promise<Curated> {
  const config = await readConfig(store, input.config);
  const options = curationOptions(config, input.iteration);
  const at = { inputs: { score: input.score }, config: options, seed: options.seed };
  const done = await curateStep.run(store, at, async () => {
    const { summaries, prefixLogProbs, shards } = await readScored(store, input.score);
    const { priors, meanMass, withoutMass } = problemPriors(prefixLogProbs, summaries);
    const solved = options.distinct === true ? withSolutions(summaries, await readTexts(shards)) : summaries;
    const curation = curate(solved, priors, options);
    const facts = { ...curation.counts };
    // Steps of version 1 have no such counts: as facts they would be a difference in every replay of one.
    const information = { prefixes: { prefixMass: meanMass, priorsWithoutMass: withoutMass } };
    if (curation.queries.length === 0) return { outputs: { curation: curation.queries }, facts, information };
    const rollouts: Rollout[] = [];
    for (const shard of shards) rollouts.push(...(await loadRollouts(store, shard)));
    const trainingSet = encodeTrainingSet(buildTrainingSet(curation, rollouts, prefixesOf(rollouts)));
    return { outputs: { curation: curation.queries, trainingSet }, facts, information };
  });
  const prefixes = countsSchema.safeParse(done.information.prefixes).data ?? {};
  const curated = { manifest: done.key, counts: { ...prefixes, ...done.facts } };
  if (done.outputs.trainingSet !== undefined) return { ...curated, isEmpty: false };
  const { summaries, shards } = await readScored(store, input.score);
  const golds = new Map<string, string>();
  for (const { inputs } of shards)
    for (const { id, answer } of (await readJson<ShardPlan>(store, inputs.plan)).problems) golds.set(id, answer);
  const explanation = explainNoSignal(summaries, golds);
  return { ...curated, isEmpty: true, ...(explanation === undefined ? {} : { explanation }) };
}

export function curationOptions(config: CampaignConfig, iteration: number): CurationOptions {
  const { violations, truncated, rollouts, pooledAdvantages, perProblem, distinct } = config.strategy;
  return {
    method: config.method,
    strategy: strategyOf(config),
    // What earlier versions did is left out: their configurations lack the setting, and the step's key stays the same.
    ...(isSet(violations, 'left-out') ? { violations } : {}),
    ...(isSet(truncated, 'wrong') ? { truncated } : {}),
    minValid: minValidOf(config),
    rollouts,
    pooledAdvantages,
    ...(perProblem === undefined ? {} : { perProblem }),
    ...(distinct === true ? { distinct } : {}),
    ...(wantsAnchors(config) ? { anchors: true } : {}),
    seed: deriveSeed(config.seed, iteration),
  };
}

async function readTexts(shards: readonly SampledStep[]): Promise<RolloutTexts[]> {
  const texts: RolloutTexts[] = [];
  for (const { outputs } of shards) texts.push(...(await outputs.texts.read()));
  return texts;
}

/** A KL anchor needs importance ratios, which only the policy gradient has. */
const wantsAnchors = ({ method, train }: CampaignConfig): boolean =>
  train.klWeight > 0 && METHODS[method].objective(train).objective === 'policy-gradient';

/** The forced prefixes as they were sampled. Empty when no arm is forced; then no query has a decision target. */
function prefixesOf(rollouts: readonly Rollout[]): readonly [readonly number[], readonly number[]] {
  const prefixOf = (arm: Arm): readonly number[] => rollouts.find((rollout) => rollout.arm === arm)?.prefixIds ?? [];
  return [prefixOf('cot'), prefixOf('code')];
}
