import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type DecisionPair, prefixMass, priorFromLogProbs } from '../../../src/methods/prior.ts';
import { problemPriors } from '../../../src/methods/problem-priors.ts';
import { scored } from './scored.ts';

const likely: DecisionPair = [Math.log(0.3), Math.log(0.1)];
/** A base model that writes neither prefix: the longer one is the less likely by its length alone. */
const unlikely: DecisionPair = [-18, -9];
const auto = (id: string, ran: readonly boolean[]) =>
  ran.map((ranCode, k) => scored(id, 'auto', k, 'incorrect', ranCode));

test('the mass is that of both prefixes together', () => {
  expect(prefixMass(likely)).toBeCloseTo(0.4, 12);
  expect(prefixMass(unlikely)).toBeLessThan(1e-3);
});

test('prefixes with mass are the prior, whatever auto rollouts did', () => {
  const { priors, meanMass, withoutMass } = problemPriors(new Map([['p', likely]]), auto('p', [true, true]));
  expect(priors.get('p')).toEqual(priorFromLogProbs(likely));
  expect([meanMass, withoutMass]).toEqual([expect.closeTo(0.4, 12), 0]);
});

test('without mass the prior is the code rate of the auto rollouts of the problem, or flat', () => {
  const prefixes = new Map(['none', 'all', 'lost', 'most'].map((id) => [id, unlikely]));
  const rollouts = [
    ...auto('all', [true, true, true, true]),
    ...auto('most', [true, true, false]),
    scored('lost', 'auto', 0, 'infrastructure', true),
    // Forced arms say nothing about what the model would do.
    scored('none', 'code', 0, 'correct', true),
  ];
  const { priors, withoutMass } = problemPriors(prefixes, rollouts);
  const codeOf = (id: string) => priors.get(id)?.[1];
  expect(['none', 'lost', 'all', 'most'].map(codeOf)).toEqual([0.5, 0.5, 5 / 6, 3 / 5]);
  expect(withoutMass).toBe(4);
});

test('every prior is a distribution over the problems that were scored', () => {
  const logProb = fc.double({ min: -60, max: 0, noNaN: true });
  const problem = fc.tuple(logProb, logProb, fc.array(fc.boolean(), { maxLength: 6 }));
  fc.assert(
    fc.property(fc.array(problem, { maxLength: 10 }), (problems) => {
      const prefixes = new Map(problems.map(([cot, code], at) => [`p${at}`, [cot, code] as const]));
      const rollouts = problems.flatMap(([, , ran], at) => auto(`p${at}`, ran));
      const { priors, meanMass, withoutMass } = problemPriors(prefixes, rollouts);
      expect([...priors.keys()]).toEqual([...prefixes.keys()]);
      for (const [cot, code] of priors.values()) {
        expect(cot + code).toBeCloseTo(1, 12);
        expect(Math.min(cot, code)).toBeGreaterThanOrEqual(0);
      }
      expect(meanMass).toBeGreaterThanOrEqual(0);
      expect(withoutMass).toBe([...prefixes.values()].filter((pair) => prefixMass(pair) < 0.01).length);
    }),
  );
});
