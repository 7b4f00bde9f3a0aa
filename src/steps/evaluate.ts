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
import type { EvaluatedProblems } from '../scoring/compare-evaluations.ts';
import { evaluationMetrics } from '../scoring/evaluation-metrics.ts';
import type { EvaluationSampling } from '../scoring/problem-figures.ts';
import { problemResults } from '../scoring/problem-results.ts';
import type { SampledStep } from './sample.ts';
import { readScored, scoreStep } from './score.ts';
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
const answerKey = (answer: string): string => readAnswer(answer)?.key ?? answer.trim();

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
 * The results of a finished evaluation by problem. The key is the problem with its answer: ids of two files may be equal.
 *
 * @throws StoreError if the store has lost a part of it
 */
export async function readEvaluated(store: ArtifactStore, evaluation: Digest): Promise<EvaluatedProblems> {
  const { inputs } = await evaluateStep.read(store, evaluation);
  const { summaries, prefixLogProbs, shards } = await readScored(store, inputs.score);
  const plans = await readPlans(store, shards);
  const results = problemResults(summaries, prefixLogProbs, answerKey);
  const problems = plans.flatMap((plan) => plan.problems);
  return {
    sampling: samplingOf(plans),
    results: new Map(
      problems.flatMap(({ id, problem, answer }) => {
        const result = results.get(id);
        return result === undefined ? [] : [[digestOfJson({ problem, answer }), result] as const];
      }),
    ),
  };
}

const readPlans = (store: ArtifactStore, shards: readonly SampledStep[]): Promise<ShardPlan[]> =>
  Promise.all(shards.map(({ inputs }) => readJson<ShardPlan>(store, inputs.plan)));

/** The shards of an evaluation are sampled alike. An evaluation without shards has no rollouts to compare. */
const samplingOf = ([plan]: readonly ShardPlan[]): EvaluationSampling => ({ temperature: plan?.temperature ?? 0 });
