/** `em`: AutoCode's E-step over both forced arms (arXiv 2502.00691, section 3). */
import { createRandom } from '../formats/random.ts';
import { deriveSeed } from '../formats/seeds.ts';
import { groupAdvantages, withAnchors } from './advantage.ts';
import { keepWeighted } from './auto-rollouts.ts';
import { type ArmRollouts, countArm, learntOf } from './estimates.ts';
import type { ArmSamples, CuratedQuery, CurationOutcome, CurationSettings, Method, ProblemGroup } from './method.ts';
import type { DecisionPair } from './prior.ts';
import { referenceStrategy, valuesOf } from './strategy.ts';

/** Both forced arms, and auto rollouts where they are wanted. */
export const forcedArms = (samplesPerArm: number, autoSamples = 0): readonly ArmSamples[] => [
  { arm: 'cot', samples: samplesPerArm },
  { arm: 'code', samples: samplesPerArm },
  ...(autoSamples === 0 ? [] : [{ arm: 'auto', samples: autoSamples } as const]),
];

export const em: Method = {
  summary: 'AutoCode',
  arms: forcedArms,
  curate: curateArms,
  objective: ({ decisionWeight, ratioTolerance }) => ({
    objective: 'policy-gradient',
    decisionWeight,
    ratioTolerance,
  }),
};

function curateArms({ problemId, rollouts, prior }: ProblemGroup, settings: CurationSettings): CurationOutcome {
  const cot = countArm(rollouts, 'cot', settings);
  const code = countArm(rollouts, 'code', settings);
  if (cot.trials.n < settings.minValid || code.trials.n < settings.minValid) return { kind: 'withheld' };
  if (prior === undefined)
    throw new Error(`problem ${problemId} has no prior; the sample step must score both prefixes`);
  const target = referenceStrategy(prior, cot.trials, code.trials, settings.strategy);
  const isPair = typeof target !== 'string';
  const kept = [
    ...keepByStrategy(cot, code, isPair ? target : [0.5, 0.5], settings, problemId),
    ...keepWeighted(countArm(rollouts, 'auto', settings), groupAdvantages, settings),
  ];
  const query: CuratedQuery = {
    problemId,
    estimates: valuesOf(cot.trials, code.trials, settings.strategy),
    kept,
    ...(isPair ? { target } : {}),
  };
  return { kind: 'query', query, ...(isPair ? {} : { noTarget: target }) };
}

/**
 * Computes advantages over all valid rollouts first, then selects among those that may be learnt from. Rollouts with
 * advantage 0 carry no signal and are left out, except as anchors.
 */
function keepByStrategy(
  cot: ArmRollouts,
  code: ArmRollouts,
  strategy: DecisionPair,
  settings: CurationSettings,
  problemId: string,
): CuratedQuery['kept'] {
  const pooled = settings.pooledAdvantages
    ? groupAdvantages([...cot.valid, ...code.valid].map((item) => item.reward))
    : undefined;
  const largest = Math.max(...strategy);
  const keepArm = (arm: ArmRollouts, share: number, pooledFrom: number, name: string): CuratedQuery['kept'] => {
    const advantages =
      pooled?.slice(pooledFrom, pooledFrom + arm.valid.length) ?? groupAdvantages(arm.valid.map((item) => item.reward));
    const all = learntOf(arm, advantages);
    const count = settings.rollouts === 'all' ? all.length : Math.round((all.length * share) / largest);
    if (count >= all.length) return withAnchors(all, settings);
    const order = createRandom(deriveSeed(settings.seed, problemId, name)).shuffle(all.map((_, index) => index));
    const chosen = new Set(order.slice(0, count));
    const weighed = all.map((item, index) => (chosen.has(index) ? item : { ...item, advantage: 0 }));
    return withAnchors(weighed, settings);
  };
  return [...keepArm(cot, strategy[0], 0, 'cot'), ...keepArm(code, strategy[1], cot.valid.length, 'code')];
}
