import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { verdict } from './arbitraries.ts';

/** A choice, and an explanation that names other letters. */
const SETTLED: readonly ((c: string) => string)[] = [
  (c) => `The correct answer is ${c}.`,
  (c) => `The correct answer is **${c}**.`,
  (c) => `Answer: ${c}\n\n`,
  (c) => `So the answer is (${c}).`,
  (c) => `I choose ${c}.`,
  (c) => `${c} is correct.`,
  (c) => `It must be ${c}.`,
  (c) => `正确答案是 **${c}**。`,
  (c) => `答案选 ${c}。`,
  (c) => `故选 ${c}。`,
  (c) => `Ответ: ${c}.`,
  (c) => `La respuesta correcta es ${c}.`,
  (c) => `La bonne réponse est ${c}.`,
  (c) => `Die richtige Antwort ist ${c}.`,
  (c) => `A resposta correta é ${c}.`,
  (c) => `正解は${c}です。`,
  (c) => `정답은 ${c}입니다.`,
  (c) => `The answer is \\boxed{${c}}.`,
];
const EXPLAINED: readonly ((w: string, v: string) => string)[] = [
  (w) => `Option ${w} is wrong.`,
  (w) => `Option ${w} would be right if the die were fair.`,
  (w, v) => `${w} ignores the sign and ${v} doubles it.`,
  (w, v) => `${w} and ${v} are too small.`,
  (w) => `Option ${w} is incorrect because it forgets the constant.`,
  (w, v) => `(${w}) and (${v}) violate the condition.`,
  (w) => `选项 ${w} 的错误在于忽略了定义域。`,
  (w) => `选项 ${w} 中的不等号方向错误。`,
  (w) => `${w} 错误。`,
  (w) => `Вариант ${w} неверен.`,
  (w) => `La opción ${w} es falsa.`,
  (w) => `L'option ${w} est fausse.`,
  (w) => `Option ${w} ist falsch.`,
];

const letters = fc.shuffledSubarray(['A', 'B', 'C', 'D'], { minLength: 3, maxLength: 3 });

describe('an explained choice', () => {
  it('is the letter that was settled on, whatever is said of the others', () => {
    fc.assert(
      fc.property(fc.constantFrom(...SETTLED), fc.constantFrom(...EXPLAINED), letters, (settle, explain, [c, w, v]) => {
        if (c === undefined || w === undefined || v === undefined) return;
        const response = `${settle(c)} ${explain(w, v)}`;
        const verdicts = [c, w, v].map((gold) => verdict(gold, response));
        expect([response, ...verdicts]).toEqual([response, 'correct', 'incorrect', 'incorrect']);
      }),
      { numRuns: 800 },
    );
  });

  it('is the letter that is left', () => {
    fc.assert(
      fc.property(letters, ([c, w, v]) => {
        for (const response of [
          `We can eliminate ${w} and ${v}. That leaves ${c}.`,
          `${w} is wrong, ${v} is wrong, so ${c}.`,
          `Option ${w} is incorrect. Option ${v} is incorrect. Option ${c} is correct.`,
          `Option ${c} is correct. Option ${w} is incorrect. Option ${v} is incorrect.`,
          `The answer is ${c}, not ${w}.`,
        ])
          expect([response, verdict(c ?? '', response), verdict(w ?? '', response)]).toEqual([
            response,
            'correct',
            'incorrect',
          ]);
      }),
      { numRuns: 60 },
    );
  });

  it('of two letters is none', () => {
    for (const response of ['The answer is A or B.', 'A or B', '\\boxed{A \\text{ or } B}'])
      expect([response, verdict('A', response), verdict('B', response)]).toEqual([response, 'incorrect', 'incorrect']);
  });
});
