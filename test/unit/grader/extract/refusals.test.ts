import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { twoIntegers, verdict } from './arbitraries.ts';

const REFUSALS = [
  "I don't know the answer.",
  'I do not know.',
  'I cannot determine the answer.',
  "I couldn't find a closed form.",
  'I am unable to solve this.',
  'The value cannot be determined.',
  'There is not enough information.',
  'I give up.',
  "I'm stuck.",
  'I have no idea.',
  "I can't recall the solution.",
  '我不知道答案。',
  '无法确定答案。',
  'Je ne sais pas.',
  'No sé la respuesta.',
  'Ich weiß es nicht.',
  'Не знаю.',
  'Não sei a resposta.',
  'わかりません。',
  '모르겠습니다.',
  'لا أعرف.',
] as const;

const mention = fc.constantFrom(
  (n: string) => `There are ${n} students.`,
  (n: string) => `As stated, we have ${n} boxes.`,
  (n: string) => `The problem mentions ${n}.`,
  (n: string) => `题目中有${n}个学生。`,
);

const integer = fc.integer({ min: 2, max: 9999 }).map(String);

describe('a text without an answer', () => {
  it('is none by the numbers around a refusal', () => {
    fc.assert(
      fc.property(fc.constantFrom(...REFUSALS), mention, integer, fc.boolean(), (refusal, sentence, n, isFirst) => {
        const response = isFirst ? `${refusal} ${sentence(n)}` : `${sentence(n)} ${refusal}`;
        expect([response, verdict(n, response)]).toEqual([response, 'incorrect']);
      }),
      { numRuns: 400 },
    );
  });

  it('is none by the numbers of a plan, a question or the problem', () => {
    const open = fc.constantFrom(
      (n: string) => `Let me try x = ${n}.`,
      (n: string) => `Suppose the answer is ${n}.`,
      (n: string) => `If the answer is ${n}, then the sum is even.`,
      (n: string) => `Is the answer ${n}?`,
      (n: string) => `Could it be ${n}?`,
      (n: string) => `Assume n = ${n}.`,
      (n: string) => `The question says that ${n} people attend. Let me think about how to proceed.`,
      (n: string) => `We are given that ${n} people attend.`,
      (n: string) => `This is question ${n} of the test.`,
      (n: string) => `To solve this we must consider ${n} cases.`,
    );
    fc.assert(
      fc.property(open, integer, (sentence, n) => {
        expect([sentence(n), verdict(n, sentence(n))]).toEqual([sentence(n), 'incorrect']);
      }),
      { numRuns: 200 },
    );
  });

  it('is none by the numbers of an error report', () => {
    const report = fc.constantFrom(
      (n: string) =>
        `Traceback (most recent call last):\n  File "a.py", line ${n}, in <module>\nZeroDivisionError: division by zero`,
      (n: string) =>
        `\`\`\`output\nTraceback (most recent call last):\n  File "a.py", line ${n}, in f\nRecursionError: maximum depth\n\`\`\`\nThe code failed.`,
      (n: string) => `Error: timed out after ${n} seconds`,
      (n: string) => `IndexError: list index ${n} out of range`,
      (n: string) => `\`\`\`python\nprint(${n})\n\`\`\`\nThe code failed and I could not determine the answer.`,
    );
    fc.assert(
      fc.property(report, integer, (text, n) => {
        expect(verdict(n, text(n))).toBe('incorrect');
      }),
      { numRuns: 100 },
    );
  });

  it('answers a gold that says so', () => {
    expect(verdict('cannot be determined', 'It cannot be determined.')).toBe('correct');
    expect(verdict('cannot be determined', '\\boxed{\\text{cannot be determined}}')).toBe('correct');
  });
});

describe('an answer that is taken back', () => {
  const taken = fc.constantFrom(
    'Wait, that is wrong.',
    'Actually, this is incorrect.',
    'But that is not correct.',
    'Hmm, I made a mistake.',
    'This cannot be right.',
    'Scratch that.',
  );
  const announced = fc.constantFrom(
    (n: number) => `The answer is ${n}.`,
    (n: number) => `\\boxed{${n}}.`,
    (n: number) => `#### ${n}\n\n`,
    (n: number) => `So the answer is \\boxed{${n}}.`,
  );

  it('is none, and what is announced instead counts', () => {
    const instead = fc.constantFrom(
      (n: number) => `The answer is ${n}.`,
      (n: number) => `So \\boxed{${n}}.`,
      (n: number) => `It should be ${n}.`,
    );
    fc.assert(
      fc.property(announced, taken, instead, twoIntegers, (announce, back, now, [a, b]) => {
        expect(verdict(`${a}`, `${announce(a)} ${back}`)).toBe('incorrect');
        const response = `${announce(a)} ${back} ${now(b)}`;
        expect([response, verdict(`${a}`, response), verdict(`${b}`, response)]).toEqual([
          response,
          'incorrect',
          'correct',
        ]);
      }),
      { numRuns: 300 },
    );
  });

  it('or contradicted in the same breath answers neither', () => {
    fc.assert(
      fc.property(twoIntegers, ([a, b]) => {
        for (const response of [
          `The answer is ${a}. The answer is ${b}.`,
          `Answer: ${a}\nAnswer: ${b}`,
          `Final answer: ${a}\nFinal answer: ${b}`,
          `The answer is \\boxed{${a}}. The answer is ${b}.`,
          `The answer is ${a} or ${b}.`,
          `\\boxed{${a} \\text{ or } ${b}}`,
        ])
          expect([response, verdict(`${a}`, response)]).toEqual([response, 'incorrect']);
        expect(verdict(`${b}`, `The answer is ${a}. The answer is ${b}.`)).toBe('incorrect');
      }),
      { numRuns: 100 },
    );
  });

  it('stands where the text goes on to agree', () => {
    fc.assert(
      fc.property(announced, fc.integer({ min: 2, max: 999 }), (announce, n) => {
        for (const tail of [
          `Check: 1 + 1 = 2, as it should be.`,
          `So the final answer is ${n}.`,
          'This is reasonable.',
        ])
          expect([tail, verdict(`${n}`, `${announce(n)} ${tail}`)]).toEqual([tail, 'correct']);
      }),
      { numRuns: 60 },
    );
  });
});
