/** The stage `evaluate`: computes the metrics of an evaluation. */
import { z } from 'zod';
import { defineStep } from '../artifacts/define-step.ts';
import { digestSchema } from '../artifacts/step-inputs.ts';
import type { ArtifactStore, Digest } from '../artifacts/types.ts';
import { readAnswer } from '../grader/compile.ts';
import type { EvaluationDone } from '../protocol/activities.ts';
import type { EvaluationMetrics } from '../protocol/evaluation-metrics.ts';
import { evaluationMetrics } from '../scoring/evaluation-metrics.ts';
import { readScored, scoreStep } from './score.ts';
import { numbersOf } from './step-facts.ts';

const evaluateStep = defineStep({
  stage: 'evaluate',
  version: 3,
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
    const { summaries, priors } = await readScored(store, score);
    return { outputs: {}, facts: { ...counts, metrics: evaluationMetrics(summaries, priors, answerKey) } };
  });
  return { manifest: key, ...facts };
}
