import fc from 'fast-check';
import { expect, it } from 'vitest';
import { verdictOf } from '../verdict.ts';

const radicand = fc.integer({ min: 2, max: 9999 });
const factor = fc.integer({ min: 2, max: 99 });
const roots = [
  ['√', '\\sqrt'],
  ['∛', '\\sqrt[3]'],
  ['∜', '\\sqrt[4]'],
] as const;

it('a root sign takes the whole numeral after it', () => {
  fc.assert(
    fc.property(radicand, factor, factor, fc.constantFrom(...roots), (n, a, b, [sign, command]) => {
      const forms = [
        [`${command}{${n}}`, `${sign}${n}`],
        [`${a}${command}{${n}}`, `${a}${sign}${n}`],
        [`\\frac{${command}{${n}}}{${b}}`, `${sign}${n}/${b}`],
        [`\\frac{${a}+${command}{${n}}}{${b}}`, `(${a}+${sign}${n})/${b}`],
        [`${a}\\pm ${command}{${n}}`, `${a}±${sign}${n}`],
        [`(-${command}{${n}}, ${a})`, `(-${sign}${n}, ${a})`],
      ] as const;
      for (const [gold, answer] of forms) {
        expect(verdictOf(gold, `\\boxed{${answer}}`)).toBe('correct');
        expect(verdictOf(gold, `\\boxed{${answer.replace(sign, `${sign}1`)}}`)).toBe('incorrect');
      }
    }),
    { numRuns: 100 },
  );
});

it('a root of a power is its value', () => {
  fc.assert(
    fc.property(factor, (n) => {
      expect(verdictOf(`${n}`, `√${n ** 2}`)).toBe('correct');
      expect(verdictOf(`${n}`, `∛${n ** 3}`)).toBe('correct');
      expect(verdictOf(`${n}`, `√${n ** 2 + 1}`)).toBe('incorrect');
    }),
  );
});
