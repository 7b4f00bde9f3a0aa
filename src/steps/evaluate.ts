/** The stage `evaluate`: computes the metrics of an evaluation. */
import { z } from 'zod';
import { readJson } from '../artifacts/codecs.ts';
import { defineStep } from '../artifacts/define-step.ts';
import { digestOfJson } from '../artifacts/digest.ts';
import { digestSchema } from '../artifacts/step-inputs.ts';
import type { ArtifactStore, Digest } from '../artifacts/types.ts';
import { readAnswer } from '../grader/compile.ts';
import type { EvaluationDone } from '../protocol/activities.ts';
import type { EvaluationMetrics } from '../protocol/evaluation-metrics.ts';
import type { Problem } from '../rollout/types.ts';
import type { EvaluatedProblems } from '../scoring/compare-evaluations.ts';
import { evaluationMetrics } from '../scoring/evaluation-metrics.ts';
import type { EvaluationSampling } from '../scoring/problem-figures.ts';
import { type ProblemResult, problemResults } from '../scoring/problem-results.ts';
import type { SampledStep } from './sample.ts';
import { readScored, type Scored, scoreStep } from './score.ts';
import type { ShardPlan } from './shard-plan.ts';
import { numbersOf } from './step-facts.ts';

const evaluateStep = defineStep({
  stage: 'evaluate',
  version: 4,
  inputs: z.object({ score: digestSchema }),
  outputs: {},
  /** The score's counts, and the metrics. */
  facts: z
    .looseObject({
      metrics: z.custom<EvaluationMetrics>((value) => typeof value === 'object' && value !== null, 'no metrics'),
    })
    .transform(({ metrics, ...rest }) => ({ metrics, counts: numbersOf(rest) })),
});

/** Wrong answers count as the same vote when their normalised texts are equal. */
export const answerKey = (answer: string): string => readAnswer(answer)?.key ?? answer.trim();

export async function summariseEvaluation(store: ArtifactStore, score: Digest): Promise<EvaluationDone> {
  const { key, facts } = await evaluateStep.run(store, { inputs: { score }, config: null }, async () => {
    const { facts: counts } = await scoreStep.read(store, score);
    const { summaries, prefixLogProbs, shards } = await readScored(store, score);
    const sampling = samplingOf(await readPlans(store, shards));
    return {
      outputs: {},
      facts: { ...counts, metrics: evaluationMetrics(summaries, prefixLogProbs, answerKey, sampling) },
    };
  });
  return { manifest: key, ...facts };
}

/**
 * The figures of a finished evaluation, computed again from the stored rollouts and grades.
 *
 * @throws StoreError if the store has lost a part of it
 */
export async function recomputeEvaluation(
  store: ArtifactStore,
  evaluation: Digest,
): Promise<{ readonly checkpoint: Digest | undefined; readonly metrics: EvaluationMetrics }> {
  const { summaries, prefixLogProbs, sampling, shards } = await openEvaluation(store, evaluation);
  const metrics = evaluationMetrics(summaries, prefixLogProbs, answerKey, sampling);
  return { checkpoint: shards[0]?.inputs.checkpoint, metrics };
}

/** What a finished evaluation left in the store, without texts and tokens. */
export interface StoredEvaluation extends Scored {
  readonly score: Digest;
  /** The shards' last turns, and their plans in the same order. */
  readonly shards: readonly SampledStep[];
  readonly plans: readonly ShardPlan[];
  readonly sampling: EvaluationSampling;
  /** By id of the problem. */
  readonly results: ReadonlyMap<string, ProblemResult>;
}

/** @throws StoreError if the store has lost a part of it */
export async function openEvaluation(store: ArtifactStore, evaluation: Digest): Promise<StoredEvaluation> {
  const { score } = (await evaluateStep.read(store, evaluation)).inputs;
  const scored = await readScored(store, score);
  const plans = await readPlans(store, scored.shards);
  const results = problemResults(scored.summaries, scored.prefixLogProbs, answerKey);
  return { ...scored, score, plans, sampling: samplingOf(plans), results };
}

/** The results of a finished evaluation by `problemKey`. @throws StoreError if the store has lost a part of it */
export async function readEvaluated(store: ArtifactStore, evaluation: Digest): Promise<EvaluatedProblems> {
  const { plans, sampling, results } = await openEvaluation(store, evaluation);
  const problems = plans.flatMap((plan) => plan.problems);
  return {
    sampling,
    results: new Map(
      problems.flatMap((problem) => {
        const result = results.get(problem.id);
        return result === undefined ? [] : [[problemKey(problem), result] as const];
      }),
    ),
  };
}

/** Equal for the same problem with the same answer: ids of two files may be equal. */
export const problemKey = ({ problem, answer }: Problem): Digest => digestOfJson({ problem, answer });

const readPlans = (store: ArtifactStore, shards: readonly SampledStep[]): Promise<ShardPlan[]> =>
  Promise.all(shards.map(({ inputs }) => readJson<ShardPlan>(store, inputs.plan)));

/** The shards of an evaluation are sampled alike. An evaluation without shards has no rollouts to compare. */
const samplingOf = ([plan]: readonly ShardPlan[]): EvaluationSampling => ({ temperature: plan?.temperature ?? 0 });
