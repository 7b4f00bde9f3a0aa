/**
 * `dpo`: direct preference optimisation (Rafailov and others, 2023) on the rollouts of both forced arms. A right rollout is
 * preferred to a wrong one of the same problem, within an arm and across arms, where the prefixes are part of what is compared.
 */
import { deriveSeed } from '../formats/seeds.ts';
import { forcedArms } from './em.ts';
import { countArm } from './estimates.ts';
import type { CurationOutcome, CurationSettings, Method, ProblemGroup } from './method.ts';
import { type Comparable, choosePairs } from './preference-pairs.ts';
import { valuesOf } from './strategy.ts';

/** β of the paper's experiments, and of common code. */
export const USUAL_PREFERENCE_BETA = 0.1;

export const dpo: Method = {
  summary: 'preference of right to wrong rollouts of the same problem, across and within arms',
  arms: forcedArms,
  curate: curatePairs,
  objective: ({ preferenceBeta = USUAL_PREFERENCE_BETA }) => ({
    objective: 'preference',
    decisionWeight: 0,
    preferenceBeta,
  }),
};

function curatePairs({ problemId, rollouts }: ProblemGroup, settings: CurationSettings): CurationOutcome {
  const cot = countArm(rollouts, 'cot', settings);
  const code = countArm(rollouts, 'code', settings);
  const auto = countArm(rollouts, 'auto', settings);
  if (cot.trials.n < settings.minValid || code.trials.n < settings.minValid) return { kind: 'withheld' };
  const comparable = [cot, code, auto].flatMap(({ valid }) =>
    valid.flatMap(({ rollout: { id, arm, modelTokens }, reward, isLearnt }): Comparable[] =>
      isLearnt ? [{ id, arm, isRight: reward === 1, tokens: modelTokens }] : [],
    ),
  );
  const pairs = choosePairs(comparable, settings.perProblem, deriveSeed(settings.seed, problemId, 'pairs'));
  const used = new Set(pairs.flatMap(({ right, wrong }) => [right, wrong]));
  return {
    kind: 'query',
    query: {
      problemId,
      estimates: valuesOf(cot.trials, code.trials, settings.strategy),
      // The sign says on which side of its pairs a rollout is; the loss reads the pairs.
      kept: comparable.flatMap(({ id, isRight }) =>
        used.has(id) ? [{ rolloutId: id, advantage: isRight ? 1 : -1 }] : [],
      ),
      pairs,
    },
  };
}
