/** Metrics of an evaluation: accuracy per arm, code rate, and how well the model decides when to write code. */

import type { DecisionPair } from '../methods/prior.ts';
import type { ScoredSummary } from '../methods/scored-rollout.ts';
import { type Counts, type RolloutCount, rolloutCount, tally } from '../protocol/counts.ts';
import type { EvaluationMetrics, Measure } from '../protocol/evaluation-metrics.ts';
import type { Arm } from '../rollout/types.ts';
import { measureItems } from './measure.ts';
import * as figures from './problem-figures.ts';
import { type AnswerKey, problemResults } from './problem-results.ts';
import { plannedSamples, repeatedResults } from './repeated-samples.ts';

/**
 * @param rollouts - All rollouts of the evaluation, of every arm
 * @param prefixLogProbs - log π(g_c|x) of both prefixes at temperature 1, nats, by id of the problem
 * @param answerKey - Defines which wrong answers are the same vote; by default those with equal text
 * @param sampling - How the rollouts were sampled: one greedy rollout an arm compares the arms exactly
 */
export function evaluationMetrics(
  rollouts: readonly ScoredSummary[],
  prefixLogProbs: ReadonlyMap<string, DecisionPair>,
  answerKey: AnswerKey = (answer) => answer.trim(),
  sampling: figures.EvaluationSampling = { temperature: 0 },
): EvaluationMetrics {
  const problems = [...problemResults(rollouts, prefixLogProbs, answerKey).values()];
  const measure = (figure: figures.ProblemFigure): Measure | undefined =>
    measureItems(problems.flatMap((problem) => figure(problem, sampling) ?? []));
  const byArm = <T>(of: (arm: Arm) => T | undefined) => defined({ auto: of('auto'), cot: of('cot'), code: of('code') });
  const repeated = byArm((arm) => {
    const results = problems.flatMap(({ arms }) => arms[arm] ?? []);
    return plannedSamples(results) < 2 ? undefined : repeatedResults(results);
  });
  const strict = byArm((arm) =>
    figures.hasUndecided(problems, arm) ? measure(figures.strictAccuracyOf(arm)) : undefined,
  );
  return {
    accuracy: byArm((arm) => measure(figures.accuracyOf(arm))),
    ...(Object.keys(strict).length === 0 ? {} : { strictAccuracy: strict }),
    ...(Object.keys(repeated).length === 0 ? {} : { repeated }),
    selectionAccuracy: defined({
      greedy: measure(figures.selectionGreedy),
      sampled: measure(figures.selectionSampled),
    }),
    ...defined({
      codeRate: measure(figures.codeRate),
      priorCode: measure(figures.priorCode),
      prefixMass: measure(figures.prefixMass),
      oracle: measure(figures.oracle),
      either: measure(figures.either),
      precision: measure(figures.precision),
      recall: measure(figures.recall),
      regret: measure(figures.regret),
    }),
    counts: countExclusions(rollouts),
  };
}

/** The entries that are measured. */
const defined = <K extends string, T>(entries: Record<K, T | undefined>): { [key in K]?: T } =>
  Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined)) as { [key in K]?: T };

/** Number of rollouts by arm, and of those that the metrics leave out or count as wrong. */
const countExclusions = (rollouts: readonly ScoredSummary[]): Counts =>
  tally(rollouts.flatMap(({ arm, ...end }) => exclusionsOf(end).map((of) => rolloutCount(of, arm))));

function exclusionsOf({ state, grade }: Omit<ScoredSummary, 'arm'>): RolloutCount[] {
  switch (state) {
    case 'completed':
      return grade === 'undecided' ? ['rollouts', 'undecided'] : ['rollouts'];
    case 'truncated':
    case 'violation':
    case 'infrastructure':
      return ['rollouts', state];
    case 'open':
    case 'awaiting-execution':
      return ['rollouts'];
  }
}
