import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { preamble, signedNumber, structuredValue, verdict } from './arbitraries.ts';

/** Before and after an announced value. */
const FRAMES: readonly (readonly [string, string])[] = [
  ['The answer is ', '.'],
  ['The answer is ', ''],
  ['Answer: ', ''],
  ['The final answer is: ', '.'],
  ['So the answer would be ', '.'],
  ['The answer should therefore be ', '.'],
  ['The answer turns out to be ', '.'],
  ['The answer to this problem is ', '.'],
  ['The answer is exactly ', '.'],
  ['Final answer = ', ''],
  ['Ans. ', ''],
  ['Answer (exact): ', ''],
  ['The answer is:\n', '\n'],
  ['The answer is\n\n', ''],
  ['Answer\n', ''],
  ['The answer is "', '".'],
  ['{"answer": "', '"}'],
  ['答案是', '。'],
  ['答案：', ''],
  ['故答案为：', '．'],
  ['最终答案是 ', '。'],
  ['Ответ: ', '.'],
  ['Ответ: ', ''],
  ['La respuesta es ', '.'],
  ['La réponse est ', '.'],
  ['Réponse : ', ''],
  ['Die Antwort ist ', '.'],
  ['Die Antwort lautet ', '.'],
  ['A resposta é ', '.'],
  ['La risposta è ', '.'],
  ['答えは', 'です。'],
  ['정답은 ', '입니다.'],
  ['정답: ', ''],
  ['الإجابة هي ', '.'],
  ['Đáp án: ', ''],
  ['Cevap: ', ''],
  ['Odpowiedź: ', ''],
  ['Het antwoord is ', '.'],
  ['Svaret är ', '.'],
  ['Jawabannya adalah ', '.'],
  ['उत्तर: ', ''],
  ['<answer>', '</answer>'],
]; // prettier-ignore

/** Marks around a value, and around a whole announcement. */
const MARKS: readonly (readonly [string, string])[] = [
  ['', ''],
  ['**', '**'],
  ['*', '*'],
  ['__', '__'],
  ['`', '`'],
  ['***', '***'],
  ['<b>', '</b>'],
  ['<strong>', '</strong>'],
];
const WHOLE: readonly (readonly [string, string])[] = [
  ['', ''],
  ['**', '**'],
  ['✅ **', '**'],
  ['### ', ''],
  ['> ', ''],
  ['🎉 ', ' 🎉'],
  ['- **', '**'],
  ['\\textbf{', '}'],
];

const frame = fc.constantFrom(...FRAMES);

describe('an announced value', () => {
  it('keeps its sign in every frame and language', () => {
    fc.assert(
      fc.property(preamble, frame, signedNumber, (before, [open, close], { gold, written, other }) => {
        const response = `${before}${open}${written}${close}`;
        expect([response, verdict(gold, response), verdict(other, response)]).toEqual([
          response,
          'correct',
          'incorrect',
        ]);
      }),
      { numRuns: 600 },
    );
  });

  it('is read whole where it is no plain number', () => {
    fc.assert(
      fc.property(preamble, frame, structuredValue, (before, [open, close], { gold, written, other }) => {
        fc.pre(!(open.startsWith('<answer') && written.includes('<')));
        const response = `${before}${open}${written}${close}`;
        expect([response, verdict(gold, response), verdict(other, response)]).toEqual([
          response,
          'correct',
          'incorrect',
        ]);
      }),
      { numRuns: 600 },
    );
  });

  it('is read under emphasis, headings and emoji', () => {
    const plain = fc.constantFrom<readonly [string, string]>(
      ['The answer is ', ''],
      ['Answer: ', ''],
      ['Final answer: ', ''],
    );
    const value = fc.oneof(signedNumber, structuredValue);
    fc.assert(
      fc.property(preamble, plain, fc.constantFrom(...MARKS), value, (before, [open, close], [a, b], written) => {
        const response = `${before}${open}${a}${written.written}${b}${close}`;
        const verdicts = [verdict(written.gold, response), verdict(written.other, response)];
        expect([response, ...verdicts]).toEqual([response, 'correct', 'incorrect']);
      }),
      { numRuns: 500 },
    );
    fc.assert(
      fc.property(preamble, plain, fc.constantFrom(...WHOLE), value, (before, [open, close], [a, b], written) => {
        fc.pre(a !== '\\textbf{' || !written.written.includes('{'));
        const response = `${before}${a}${open}${written.written}${close}${b}`;
        const verdicts = [verdict(written.gold, response), verdict(written.other, response)];
        expect([response, ...verdicts]).toEqual([response, 'correct', 'incorrect']);
      }),
      { numRuns: 500 },
    );
  });

  it('behind a bullet or a spaced dash keeps no sign of it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 999 }), fc.constantFrom('- ', '• ', '* '), (n, bullet) => {
        expect(verdict(`${n}`, `The answer is:\n${bullet}${n}`)).toBe('correct');
        expect(verdict(`${n}`, `Ответ — ${n}`)).toBe('correct');
        expect(verdict(`-${n}`, `The answer is:\n-${n}`)).toBe('correct');
        expect(verdict(`${n}, ${n + 1}`, `The answers are:\n${bullet}${n}\n${bullet}${n + 1}`)).toBe('correct');
      }),
      { numRuns: 60 },
    );
  });

  it('is struck out with its marks', () => {
    expect(verdict('24', 'The answer is ~~24~~ **25**.')).toBe('incorrect');
    expect(verdict('25', 'The answer is ~~24~~ **25**.')).toBe('correct');
  });
});
