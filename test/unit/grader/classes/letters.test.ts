import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { verdictOf } from '../verdict.ts';

/** Words of two letters that are products where they stand between operators. */
const words = fc.constantFrom(
  'an',
  'at',
  'as',
  'by',
  'be',
  'me',
  'he',
  'or',
  'so',
  'up',
  'us',
  'do',
  'go',
  'my',
  'on',
  'of',
  'to',
  'no',
  'am',
  'ad',
);
const spaced = (word: string) => Array.from(word).join(' ');
const number = fc.integer({ min: 2, max: 30 });

describe('products of letters that spell words', () => {
  it('are products between operators', () => {
    fc.assert(
      fc.property(words, words, number, (a, b, n) => {
        const forms = [
          [`${spaced(a)}+${n}`, `${n}+${a}`],
          [`${spaced(a)}+${spaced(b)}x`, `${b}x+${a}`],
          [`e^{-${spaced(a)}}`, `e^{-${a}}`],
          [`\\frac{${spaced(a)}+${spaced(b)}}{${n}}`, `\\frac{${b}+${a}}{${n}}`],
          [`(${spaced(a)}+${n})(${spaced(b)}-${n})`, `(${a}+${n})(${b}-${n})`],
          [`\\sqrt{${spaced(a)}}`, `\\sqrt{${a}}`],
          [`f(x)=${spaced(a)}+x`, `f(x)=x+${a}`],
        ] as const;
        for (const [gold, answer] of forms) {
          expect([gold, answer, verdictOf(gold, `\\boxed{${answer}}`)]).toEqual([gold, answer, 'correct']);
          expect(verdictOf(gold, `\\boxed{${answer}+1}`)).not.toBe('correct');
        }
      }),
      { numRuns: 60 },
    );
  });

  it('stay connectives between values', () => {
    fc.assert(
      fc.property(number, number, fc.constantFrom('or', 'and'), (a, b, word) => {
        fc.pre(a !== b);
        expect(verdictOf(`${a}, ${b}`, `\\boxed{x = ${b} ${word} x = ${a}}`)).toBe('correct');
        expect(verdictOf(`${a}, ${b}`, `\\boxed{${b} ${word} ${a}}`)).toBe('correct');
        expect(verdictOf(`${a}`, `\\boxed{${b} ${word} ${a}}`)).toBe('incorrect');
      }),
    );
  });
});

describe('alternating sequences', () => {
  const base = fc.constantFrom('(-1)', '(-2)', '(-3)');
  it('are compared at integers', () => {
    fc.assert(
      fc.property(base, number, number, (negative, a, b) => {
        const gold = `${a}+${b}${negative}^{n+1}`;
        const size = negative.slice(2, 3);
        expect(verdictOf(gold, `\\boxed{${a}-${b}\\cdot ${size}${negative}^n}`)).toBe('correct');
        expect(verdictOf(gold, `\\boxed{${a}+${b}\\cdot ${size}${negative}^n}`)).toBe('incorrect');
        expect(verdictOf(gold, `\\boxed{${a}+${b}\\cdot (-1)^{n+1} ${size}^{n+1}}`)).toBe('correct');
      }),
      { numRuns: 50 },
    );
  });
});
