import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { verdict } from './arbitraries.ts';

/** Words that are on no list: consonants and vowels in turn. */
const word = fc
  .array(fc.tuple(fc.constantFrom(...'bdgklmprvz'), fc.constantFrom(...'aou')), { minLength: 3, maxLength: 4 })
  .map((syllables) => `${syllables.flat().join('')}x`);
const words = (least: number, most: number) => fc.array(word, { minLength: least, maxLength: most });
const integer = fc.integer({ min: 13, max: 999 });
const sentence = (parts: readonly string[]): string => {
  const text = parts.join(' ');
  return `${text[0]?.toUpperCase()}${text.slice(1)}.`;
};

const announced = fc.constantFrom(
  (n: number) => `The answer is ${n}.`,
  (n: number) => `So \\boxed{${n}}.`,
  (n: number) => `#### ${n}\n\n`,
  (n: number) => `答案是${n}。`,
  (n: number) => `Ответ: ${n}.`,
  (n: number) => `La réponse est ${n}.`,
);

describe('a value that nothing announces', () => {
  it('is none in a sentence of words that are on no list', () => {
    fc.assert(
      fc.property(words(1, 4), words(0, 4), integer, (before, behind, n) => {
        const response = sentence([...before, `${n}`, ...behind]);
        expect([response, verdict(`${n}`, response)]).toEqual([response, 'incorrect']);
      }),
      { numRuns: 300 },
    );
  });

  it('is none where something is said of it that is on no list', () => {
    const said = fc.constantFrom(
      (n: number, w: string) => `${n} ${w} the second condition.`,
      (n: number, w: string) => `x = ${n} ${w} ${w} ${w}.`,
      (n: number, w: string) => `We get ${n}, ${w} ${w}.`,
      (n: number, w: string) => `There are ${n} or ${w}.`,
      (n: number, w: string) => `It is ${n} if ${w}.`,
      (n: number, w: string) => `We have ${n}, but ${w}.`,
      (n: number, w: string) => `The ${w} with ${n}.`,
      (n: number, w: string) => `${w}: these ${n}.`,
    );
    fc.assert(
      fc.property(said, integer, word, (say, n, w) => {
        expect([say(n, w), verdict(`${n}`, say(n, w))]).toEqual([say(n, w), 'incorrect']);
      }),
      { numRuns: 300 },
    );
  });

  it('is one in every listed shape, whatever the nouns', () => {
    const shape = fc.constantFrom(
      (n: number, w: string) => `So the ${w} is ${n}.`,
      (n: number, w: string) => `The number of ${w}s is ${n}.`,
      (n: number, w: string) => `There are ${n} ${w}s.`,
      (n: number, w: string) => `We get ${n} ${w}s.`,
      (n: number, w: string) => `Therefore they ${w} ${n} ${w}s.`,
      (n: number, w: string) => `The ${w} pays ${n} dollars.`,
      (n: number, w: string) => `Each ${w} then has 3 + ${n - 3} = ${n} ${w}s that are not ${w}.`,
      (n: number, w: string) => `3 + ${n - 3} = ${n}\nThe ${w} has ${n} ${w}s.`,
      (n: number, w: string) => `Der ${w} ist gleich: es ergibt sich ${n}.`,
      (n: number) => `On obtient ${n}.`,
      (n: number) => `所以一共有${n}个。`,
      (n: number) => `Получаем ${n}.`,
      (n: number) => `The total is ${n}, as required.`,
      (n: number) => `${n} is the answer.`,
    );
    fc.assert(
      fc.property(shape, integer, word, (say, n, w) => {
        expect([say(n, w), verdict(`${n}`, say(n, w))]).toEqual([say(n, w), 'correct']);
      }),
      { numRuns: 300 },
    );
  });
});

describe('an announced value', () => {
  it('counts no more where a sentence of words that are on no list stands behind it', () => {
    fc.assert(
      fc.property(announced, integer, words(2, 6), (announce, n, unknown) => {
        const response = `${announce(n)} ${sentence(unknown)}`;
        expect([response, verdict(`${n}`, response)]).toEqual([response, 'incorrect']);
      }),
      { numRuns: 300 },
    );
  });

  it('counts no more where its sentence goes on with a clause that is on no list', () => {
    const goesOn = fc.constantFrom(
      (n: number, w: string) => `The answer is ${n}, ${w} ${w}.`,
      (n: number, w: string) => `The answer is ${n} — ${w} ${w}.`,
      (n: number, w: string) => `\\boxed{${n}}, which ${w} ${w}.`,
      (n: number, w: string) => `\\boxed{${n}} or ${w}.`,
      (n: number, w: string) => `Answer: ${n} (${w} ${w})`,
      (n: number) => `\\boxed{${n}}?`,
    );
    fc.assert(
      fc.property(goesOn, integer, word, (say, n, w) => {
        expect([say(n, w), verdict(`${n}`, say(n, w))]).toEqual([say(n, w), 'incorrect']);
      }),
      { numRuns: 200 },
    );
  });

  it('stands before a unit, a reason, an explanation, agreement and a farewell', () => {
    const tail = fc.constantFrom(
      (_: number, w: string) => ` Thank you for the ${w}!`,
      (n: number) => ` This agrees with 2 + ${n - 2} = ${n}.`,
      (_: number, w: string) => ` Explanation: every ${w} is counted once. The ${w} follows.`,
      (_: number, w: string) => ` Note that each ${w} is even.`,
      (n: number) => ` The value ${n + 1} would be too large.`,
      (n: number) => ` For n = ${n + 1} this fails.`,
      () => ' The other root is negative, so it is rejected.',
      () => ' This is not surprising.',
    );
    fc.assert(
      fc.property(announced, tail, integer, word, (announce, goOn, n, w) => {
        const response = `${announce(n)}${goOn(n, w)}`;
        expect([response, verdict(`${n}`, response)]).toEqual([response, 'correct']);
      }),
      { numRuns: 300 },
    );
    fc.assert(
      fc.property(integer, word, (n, w) => {
        for (const response of [
          `The answer is ${n} ${w}s.`,
          `The answer is ${n} ${w}s, because the ${w} is even.`,
          `\\boxed{${n}}, as required.`,
          `\\boxed{${n}} (since every ${w} counts)`,
        ])
          expect([response, verdict(`${n}`, response)]).toEqual([response, 'correct']);
      }),
      { numRuns: 60 },
    );
  });
});

describe('a letter that nothing announces', () => {
  it('is picked only by words of choice', () => {
    fc.assert(
      fc.property(fc.constantFrom('B', 'C', 'D'), words(1, 4), (c, unknown) => {
        for (const response of [sentence([c, ...unknown]), sentence([...unknown, c])])
          expect([response, verdict(c, response)]).toEqual([response, 'incorrect']);
        for (const response of [`It's ${c}.`, `So option ${c}.`, `I choose ${c}.`, `选${c}。`, `${c}`])
          expect([response, verdict(c, response)]).toEqual([response, 'correct']);
      }),
      { numRuns: 150 },
    );
  });
});
