import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { finalPart } from '../../../../src/grader/extract/final-part.ts';
import { twoIntegers, verdict } from './arbitraries.ts';

const ANSWERED: readonly ((n: number) => string)[] = [
  (n) => `The answer is ${n}.`,
  (n) => `\\boxed{${n}}`,
  (n) => `#### ${n}`,
  (n) => `答案是${n}。`,
  (n) => `Ответ: ${n}.`,
  (n) => `So there are ${n} numbers.`,
];
/** What a model goes on with when its turn is over. */
const GOES_ON: readonly ((n: number) => string)[] = [
  (n) => `\n\nQuestion: What is 3+4?\nAnswer: ${n}`,
  (n) => `\n\nHuman: What is 3+4?\nAssistant: \\boxed{${n}}`,
  (n) => `\n\nUser: next\n\nThe answer is ${n}.`,
  (n) => `\n\nQ: Tom has 3 apples.\nA: ${n}`,
  (n) => `\n\nProblem 2: Find 3+4.\nAnswer: ${n}`,
  (n) => `\n\n### Instruction:\nCompute 3+4.\n\n### Response:\nThe answer is ${n}.`,
  (n) => `\n\n**Question:** next?\n\\boxed{${n}}`,
  (n) => `\n\nPlease reason step by step, and put your final answer within \\boxed{}.\n\\boxed{${n}}`,
  (n) => `\n\nHere is another problem: 3+4. \\boxed{${n}}`,
  (n) => `\n\n问题：3+4=？\n答案是${n}。`,
  (n) => `\n\nЗадача: 3+4?\nОтвет: ${n}.`,
  (n) => `<|im_end|>\n<|im_start|>user\nWhat is 3+4?<|im_end|>\n<|im_start|>assistant\n\\boxed{${n}}`,
  (n) => `<|endoftext|>\\boxed{${n}}`,
  (n) => `</s>The answer is ${n}.`,
  (n) => `<|eot_id|><|start_header_id|>user<|end_header_id|>\n\n\\boxed{${n}}`,
  (n) => `<end_of_turn>\n<start_of_turn>user\n\\boxed{${n}}`,
];

describe('the end of a turn', () => {
  it('is where an invented user or another problem begins', () => {
    fc.assert(
      fc.property(fc.constantFrom(...ANSWERED), fc.constantFrom(...GOES_ON), twoIntegers, (answer, goOn, [a, b]) => {
        const response = `${answer(a)}${goOn(b)}`;
        expect([response, verdict(`${a}`, response), verdict(`${b}`, response)]).toEqual([
          response,
          'correct',
          'incorrect',
        ]);
      }),
      { numRuns: 400 },
    );
  });

  it('is not where a response restates its problem', () => {
    for (const response of [
      'Question: What is 20+4?\nAnswer: 24',
      'Problem: find it.\nSolution: \\boxed{24}',
      '**Problem**\nWe have 3.\n\n**Solution**\n\\boxed{24}',
      'Let us restate.\n\nQuestion: how many?\n\nWe count 24. The answer is 24.',
      '<|im_start|>assistant\nThe answer is 24.',
      '问题：求和。\n解：\\boxed{24}',
    ])
      expect([response, verdict('24', response)]).toEqual([response, 'correct']);
  });
});

describe('code and what it printed', () => {
  it('is no part of what is said', () => {
    expect(finalPart('```python\nprint("\\\\boxed{5}")\n```\nIt is 6.').trim()).toBe('It is 6.');
    expect(verdict('5', '```python\nprint("\\\\boxed{5}")\n```')).toBe('incorrect');
    expect(verdict('5', '```python\nx = 5\n```\n```output\n5\n```\nSo the answer is 6.')).toBe('incorrect');
  });

  it('is distinguished from a fence around an answer', () => {
    expect(verdict('858', '```\n858\n```')).toBe('correct');
    expect(verdict('5', '```latex\n\\boxed{5}\n```')).toBe('correct');
  });
});

describe('a display', () => {
  const environment = fc.constantFrom('align*', 'align', 'gather*', 'eqnarray*', 'flalign*', 'multline*', 'alignat*');
  const place = fc.constantFrom(
    (display: string) => `Thus\n${display}`,
    (display: string) => `We compute\n${display}\nwhich is the answer.`,
    (display: string) => `We get ${display}`,
    (display: string) => display,
    (display: string) => `Therefore the answer is\n${display}`,
  );

  it('gives the value of its last row', () => {
    fc.assert(
      fc.property(
        environment,
        place,
        fc.integer({ min: 2, max: 99 }),
        fc.integer({ min: 2, max: 99 }),
        (name, put, a, b) => {
          const columns = name === 'alignat*' ? '{2}' : '';
          const response = put(`\\begin{${name}}${columns}\nx &= ${a}\\cdot ${b}\\\\\n&= ${a * b}\n\\end{${name}}`);
          expect([response, verdict(`${a * b}`, response), verdict(`${a}`, response)]).toEqual([
            response,
            'correct',
            'incorrect',
          ]);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('of several names gives all their values', () => {
    expect(verdict('(2,3)', 'So\n\\begin{align*}\nx &= 2\\\\\ny &= 3\n\\end{align*}')).toBe('correct');
    expect(verdict('(3,2)', 'So\n\\begin{align*}\nx &= 2\\\\\ny &= 3\n\\end{align*}')).toBe('incorrect');
  });
});
