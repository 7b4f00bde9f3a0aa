import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { preamble, verdict } from './arbitraries.ts';

const BEFORE = [
  'more than',
  'less than',
  'greater than',
  'greater than or equal to',
  'less than or equal to',
  'strictly greater than',
  'at least',
  'at most',
  'over',
  'under',
  'above',
  'below',
  'up to',
  'no more than',
  'no fewer than',
  'not less than',
  'not',
  'not equal to',
  'never',
  'anything but',
  'other than',
  'different from',
  'unlikely to be',
  'almost',
  'nearly',
  'twice',
  'half of',
  'three times',
  'a multiple of',
  'a divisor of',
  'divisible by',
  'the square of',
  'the square root of',
  'the reciprocal of',
  'one less than',
  'bounded above by',
] as const;
const AFTER = [
  'or more',
  'or fewer',
  'or less',
  'or higher',
  'and above',
  'at least',
  'at most',
  'times larger',
  'plus one',
  'squared',
  'is wrong',
  'is not correct',
  'does not work',
  'is impossible',
  'cannot be right',
  'is ruled out',
] as const;
const SIGNS = [
  '>',
  '<',
  '\\ge',
  '\\le',
  '\\geq',
  '\\leqslant',
  '\\neq',
  '\\ne',
  '\\not=',
  '≥',
  '≤',
  '≠',
  '\\ll',
] as const;
const FOREIGN: readonly ((n: string) => string)[] = [
  (n) => `答案至少是${n}。`,
  (n) => `答案不是${n}。`,
  (n) => `答案大于${n}。`,
  (n) => `答案不超过${n}。`,
  (n) => `答案不可能是${n}。`,
  (n) => `La respuesta no es ${n}.`,
  (n) => `La respuesta es menor que ${n}.`,
  (n) => `La respuesta es al menos ${n}.`,
  (n) => `La réponse n'est pas ${n}.`,
  (n) => `La réponse est au moins ${n}.`,
  (n) => `La réponse est supérieure à ${n}.`,
  (n) => `Die Antwort ist nicht ${n}.`,
  (n) => `Die Antwort ist mindestens ${n}.`,
  (n) => `Die Antwort ist kleiner als ${n}.`,
  (n) => `Ответ не ${n}.`,
  (n) => `Ответ больше ${n}.`,
  (n) => `Ответ: не менее ${n}.`,
  (n) => `A resposta não é ${n}.`,
  (n) => `A resposta é maior que ${n}.`,
  (n) => `La risposta non è ${n}.`,
  (n) => `La risposta è almeno ${n}.`,
  (n) => `答えは${n}ではありません。`,
  (n) => `答えは${n}以上です。`,
  (n) => `정답은 ${n}이 아닙니다.`,
  (n) => `정답은 ${n} 이상입니다.`,
  (n) => `الإجابة ليست ${n}.`,
  (n) => `Cevap ${n} değil.`,
  (n) => `Đáp án không phải là ${n}.`,
  (n) => `Odpowiedź to nie ${n}.`,
  (n) => `Het antwoord is niet ${n}.`,
  (n) => `Svaret är inte ${n}.`,
  (n) => `Jawabannya bukan ${n}.`,
];

const value = fc.oneof(
  fc.integer({ min: 2, max: 9999 }).map(String),
  fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 2, max: 9 })).map(([a, b]) => `${a}/${b}`),
);

function expectWrong(gold: string, responses: readonly string[]): void {
  for (const response of responses) expect([response, verdict(gold, response)]).toEqual([response, 'incorrect']);
}

describe('a bound, a denial or a multiple', () => {
  it('in words before a value is not the value', () => {
    fc.assert(
      fc.property(preamble, fc.constantFrom(...BEFORE), value, (before, words, n) => {
        const responses = [`The answer is ${words} ${n}.`, `Answer: ${words} ${n}`, `**Answer: ${words} ${n}**`];
        expectWrong(n, [...responses.map((response) => before + response), `\\boxed{\\text{${words} }${n}}`]);
      }),
      { numRuns: 400 },
    );
  });

  it('in words behind a value is not the value', () => {
    fc.assert(
      fc.property(fc.constantFrom(...AFTER), value, (words, n) => {
        expectWrong(n, [`The answer is ${n} ${words}.`, `\\boxed{${n} \\text{ ${words}}}`]);
      }),
      { numRuns: 200 },
    );
  });

  it('as a sign is not the value', () => {
    fc.assert(
      fc.property(fc.constantFrom(...SIGNS), value, (sign, n) => {
        expectWrong(n, [
          `\\boxed{${sign} ${n}}`,
          `The answer is $${sign} ${n}$.`,
          `Answer: ${sign} ${n}`,
          `$x ${sign} ${n}$`,
        ]);
      }),
      { numRuns: 200 },
    );
  });

  it('in other languages is not the value', () => {
    fc.assert(
      fc.property(fc.constantFrom(...FOREIGN), value, (sentence, n) => expectWrong(n, [sentence(n)])),
      { numRuns: 300 },
    );
  });

  it('of a sentence without an announcement is not the value', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('It is greater than', 'It is not', 'x is not', 'The number is less than', 'The value exceeds'),
        value,
        (words, n) => expectWrong(n, [`${words} ${n}.`]),
      ),
    );
  });

  it('beside a value leaves the value', () => {
    fc.assert(
      fc.property(value, (n) => {
        for (const response of [
          `The answer is exactly ${n}.`,
          `The answer is ${n}, which is less than 10000.`,
          `The answer is ${n}. It is not 1.`,
          `The answer is not 1 but ${n}.`,
          `The answer is not 1, it is ${n}.`,
          `The answer is ${n}; it can't be 1.`,
          `The answer is $${n}$, not $1$.`,
          `So we need at least ${n} of them.`,
          `We conclude that the maximum is ${n}.`,
        ])
          expect([response, verdict(n, response)]).toEqual([response, 'correct']);
      }),
      { numRuns: 60 },
    );
  });

  it('answers a bound', () => {
    expect(verdict('x \\ge 3', '\\boxed{\\text{at least } 3}')).toBe('correct');
    expect(verdict('x > 3', 'The answer is more than 3.')).toBe('correct');
    expect(verdict('x > 3', 'The answer is at least 3.')).toBe('incorrect');
  });
});
