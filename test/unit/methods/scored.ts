/** Makes scored summaries for tests of the method. */
import type { CurationOptions } from '../../../src/methods/curate.ts';
import type { ScoredSummary } from '../../../src/methods/scored-rollout.ts';
import type { Arm, Grade, RolloutState } from '../../../src/rollout/types.ts';

/** What `em` curates by where a test says nothing else. */
export const emCuration: CurationOptions = {
  method: 'em',
  strategy: { name: 'energy', alpha: 8, priorFloor: 0.01 },
  minValid: 1,
  pooledAdvantages: false,
  rollouts: 'all',
  seed: 's',
};

export function scored(
  problemId: string,
  arm: Arm,
  sample: number,
  outcome: Grade | Exclude<RolloutState, 'completed'>,
  ranCode = arm === 'code',
): ScoredSummary {
  const isGrade = outcome === 'correct' || outcome === 'incorrect' || outcome === 'undecided';
  return {
    id: `${problemId}#${arm}#${sample}`,
    problemId,
    arm,
    sample,
    seed: 's',
    state: isGrade ? 'completed' : outcome,
    ...(isGrade ? { grade: outcome } : {}),
    ranCode,
    promptTokens: 1,
    modelTokens: 1,
    toolTokens: 0,
    logProbSum: -1,
  };
}
