import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { verdict } from './arbitraries.ts';

const ONES = 'one two three four five six seven eight nine'.split(' ');
const TENS = 'twenty thirty forty fifty sixty seventy eighty ninety'.split(' ');
const HAN = '零一二三四五六七八九';

/** 2 to 99 in English words. */
function inEnglish(n: number, joint: string): string {
  const small =
    'ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split(' ')[n - 10] ??
    ONES[n - 1] ??
    '';
  if (n < 20) return small;
  const tens = TENS[Math.floor(n / 10) - 2] ?? '';
  return n % 10 === 0 ? tens : `${tens}${joint}${ONES[(n % 10) - 1]}`;
}

function inHan(n: number): string {
  if (n < 10) return HAN[n] ?? '';
  const tens = Math.floor(n / 10);
  return `${tens === 1 ? '' : HAN[tens]}十${n % 10 === 0 ? '' : HAN[n % 10]}`;
}

describe('a number in words', () => {
  it('answers its digits', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 99 }), fc.constantFrom('-', ' '), (n, joint) => {
        const words = inEnglish(n, joint);
        for (const response of [
          `The answer is ${words}.`,
          `The answer is **${words}**.`,
          `There are ${words} such numbers.`,
          `So the total is ${words}.`,
          `\\boxed{\\text{${words}}}`,
          `答案是${inHan(n)}。`,
          `一共有${inHan(n)}种。`,
        ])
          expect([response, verdict(`${n}`, response), verdict(`${n + 10}`, response)]).toEqual([
            response,
            'correct',
            'incorrect',
          ]);
      }),
      { numRuns: 100 },
    );
  });

  it('answers its fraction', () => {
    for (const [words, gold] of [
      ['three quarters', '\\frac{3}{4}'],
      ['two-thirds', '\\frac{2}{3}'],
      ['two and a half', '\\frac{5}{2}'],
      ['one half', '\\frac12'],
    ] as const)
      expect([words, verdict(gold, `The probability is ${words}.`)]).toEqual([words, 'correct']);
    expect(verdict('\\frac{2}{3}', '答案是三分之二。')).toBe('correct');
    expect(verdict('\\frac{3}{2}', '答案是三分之二。')).toBe('incorrect');
  });
});

describe('a clock time', () => {
  it('keeps its half of the day', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 10, max: 59 }), (hours, minutes) => {
        const gold = `${hours}:${minutes} \\text{ p.m.}`;
        for (const frame of ['They meet at @.', 'The answer is @.', 'It is @ when they meet.', '\\boxed{@}', '**@**']) {
          for (const half of ['pm', 'p.m.', 'PM'])
            expect([frame, half, verdict(gold, frame.replace('@', `${hours}:${minutes} ${half}`))]).toEqual([
              frame,
              half,
              'correct',
            ]);
          expect(verdict(gold, frame.replace('@', `${hours}:${minutes} am`))).toBe('incorrect');
        }
      }),
      { numRuns: 30 },
    );
  });
});

describe('a gold in words', () => {
  const word = fc.constantFrom('even', 'Monday', 'parabola', 'decreasing', 'isosceles', 'Navin');

  it('is answered by what a sentence says in the end', () => {
    fc.assert(
      fc.property(word, (answer) => {
        for (const response of [
          `The answer is ${answer}.`,
          `The answer is **${answer}**.`,
          `Since $x=3$, it is ${answer}.`,
          `Counting 14 steps we get **${answer}**.`,
          `Conclusion: ${answer}.`,
          `\\boxed{\\text{${answer}}}`,
        ])
          expect([response, verdict(`\\text{${answer}}`, response)]).toEqual([response, 'correct']);
      }),
    );
  });

  it('is not answered by a denial, a question or another word', () => {
    fc.assert(
      fc.property(word, (answer) => {
        for (const response of [
          `It is not ${answer}.`,
          `The answer is not ${answer}.`,
          `Is it ${answer}?`,
          `Starting from ${answer}, we end with **something else**.`,
          `\\boxed{\\text{not ${answer}}}`,
        ])
          expect([response, verdict(`\\text{${answer}}`, response)]).toEqual([response, 'incorrect']);
      }),
    );
  });

  it('of yes is not answered by both', () => {
    for (const response of [
      '\\boxed{\\text{yes or no}}',
      '\\boxed{\\text{yes and no}}',
      'Yes and no.',
      'The answer is yes or no.',
    ])
      expect([response, verdict('\\text{yes}', response), verdict('\\text{no}', response)]).toEqual([
        response,
        'incorrect',
        'incorrect',
      ]);
  });
});
