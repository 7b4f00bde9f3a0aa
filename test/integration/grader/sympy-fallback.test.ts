import { expect, it } from 'vitest';
import { compileGold, grade, isGoldError } from '../../../src/grader/grade.ts';
import { settleUndecided } from '../../../src/grader/sympy-fallback.ts';
import { openSandbox } from '../sandbox/open-sandbox.ts';

const PAIRS: readonly (readonly [gold: string, answer: string, verdict: string])[] = [
  ['\\sum_{k=1}^{\\infty} \\frac{1}{k^2}', '\\frac{\\pi^2}{6}', 'correct'],
  ['\\sum_{k=0}^{\\infty} \\frac{1}{2^k}', '2', 'correct'],
  ['\\sum_{k=0}^{\\infty} \\frac{1}{2^k}', '3', 'incorrect'],
  ['\\int_0^1 x^2 \\, dx', '\\frac{1}{3}', 'correct'],
  ['\\int_0^1 x^2 \\, dx', '\\frac{1}{2}', 'incorrect'],
  ['xy=6', 'y=\\frac{6}{x}', 'correct'],
  ['\\lim_{x \\to 0} \\frac{\\sin x}{x}', '1', 'correct'],
];

it('SymPy in the sandbox settles what the rules leave undecided', async () => {
  const sandbox = await openSandbox();
  const pairs = PAIRS.map(([gold, answer], k) => {
    const compiled = compileGold(gold);
    if (isGoldError(compiled)) throw new Error(compiled.error);
    return { id: String(k), gold: compiled, answer };
  });
  expect(pairs.map(({ gold, answer }) => grade(gold, answer).verdict)).toEqual(PAIRS.map(() => 'undecided'));
  const settled = await settleUndecided(pairs, (requests) => sandbox.run(requests));
  expect(pairs.map(({ id, gold, answer }) => `${gold.gold} | ${answer} | ${settled.get(id)?.verdict}`)).toEqual(
    PAIRS.map((pair) => pair.join(' | ')),
  );
});
