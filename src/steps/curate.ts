/** The stage `curate` (E-step): from graded rollouts to the training set, with every query's decision target. */

import { z } from 'zod';
import { bytes, jsonLines, optional } from '../artifacts/codecs.ts';
import { defineStep } from '../artifacts/define-step.ts';
import { digestSchema } from '../artifacts/step-inputs.ts';
import type { ArtifactStore } from '../artifacts/types.ts';
import type { CampaignConfig } from '../config/campaign.ts';
import { isSet, minValidOf, strategyOf } from '../config/defaults.ts';
import { deriveSeed } from '../formats/seeds.ts';
import type { Curation, CurationOptions } from '../methods/curate.ts';
import { METHODS } from '../methods/methods.ts';
import type { Curated, CurateInput } from '../protocol/activities.ts';
import type { ShardBlobs } from './curate-shards.ts';
import { readConfig } from './read-config.ts';
import { runCuration } from './run-curation.ts';
import type { SampledStep } from './sample.ts';
import { readShards, scoreStep } from './score.ts';
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
    const { outputs } = await scoreStep.read(store, input.score);
    const job = { grades: outputs.grades.digest, shards: (await readShards(store, outputs)).map(blobsOf), options };
    const { curation, trainingSet, counts, prefixes, explanation } = await runCuration(store, job);
    return {
      outputs: { curation, ...(trainingSet === undefined ? {} : { trainingSet }) },
      facts: { ...counts },
      information: {
        // Steps of version 1 have no such counts: as facts they would be a difference in every replay of one.
        prefixes: { prefixMass: prefixes.meanMass, priorsWithoutMass: prefixes.withoutMass },
        ...(explanation === undefined ? {} : { explanation }),
      },
    };
  });
  const { prefixes, explanation } = informationSchema.parse(done.information);
  const curated = { manifest: done.key, counts: { ...prefixes, ...done.facts } };
  if (done.outputs.trainingSet !== undefined) return { ...curated, isEmpty: false };
  return { ...curated, isEmpty: true, ...(explanation === undefined ? {} : { explanation }) };
}

/** Absent in steps of earlier versions. */
const informationSchema = z.object({ prefixes: countsSchema.exactOptional(), explanation: z.string().exactOptional() });

const blobsOf = ({ inputs, outputs: { summary, prior, tokens, texts } }: SampledStep): ShardBlobs => ({
  plan: inputs.plan,
  summary: summary.digest,
  prior: prior.digest,
  tokens: tokens.ref,
  texts: texts.digest,
});

export function curationOptions(config: CampaignConfig, iteration: number): CurationOptions {
  const { violations, truncated, voidTurns, rollouts, pooledAdvantages, perProblem, distinct } = config.strategy;
  return {
    method: config.method,
    strategy: strategyOf(config),
    // What earlier versions did is left out: their configurations lack the setting, and the step's key stays the same.
    ...(isSet(violations, 'left-out') ? { violations } : {}),
    ...(isSet(truncated, 'wrong') ? { truncated } : {}),
    ...(isSet(voidTurns, 'learnt') ? { voidTurns } : {}),
    minValid: minValidOf(config),
    rollouts,
    pooledAdvantages,
    ...(perProblem === undefined ? {} : { perProblem }),
    ...(distinct === true ? { distinct } : {}),
    ...(wantsAnchors(config) ? { anchors: true } : {}),
    seed: deriveSeed(config.seed, iteration),
  };
}

/** A KL anchor needs importance ratios, which only the policy gradient has. */
const wantsAnchors = ({ method, train }: CampaignConfig): boolean =>
  train.klWeight > 0 && METHODS[method].objective(train).objective === 'policy-gradient';
