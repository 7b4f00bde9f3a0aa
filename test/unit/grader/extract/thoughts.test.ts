import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { finalPart } from '../../../../src/grader/extract/final-part.ts';
import { twoIntegers, verdict } from './arbitraries.ts';

const NAMES = [
  'think',
  'thinking',
  'Think',
  'THINKING',
  'thought',
  'thoughts',
  'reasoning',
  'reflection',
  'analysis',
  'scratchpad',
  'inner_monologue',
  'thinking_process',
  'chain_of_thought',
  'seed:think',
] as const;

const marks: fc.Arbitrary<readonly [string, string]> = fc.oneof(
  fc.constantFrom(...NAMES).map((name): [string, string] => [`<${name}>`, `</${name}>`]),
  fc.constantFrom<[string, string]>(
    ['[THINK]', '[/THINK]'],
    ['◁think▷', '◁/think▷'],
    ['<|begin_of_thought|>', '<|end_of_thought|>'],
    ['<|START_THINKING|>', '<|END_THINKING|>'],
    ['<think>\n<think>', '</think>'],
    ['<think time="3">', '</think>'],
    ['<|channel|>analysis<|message|>', '<|end|><|start|>assistant<|channel|>final<|message|>'],
    ['<details>\n<summary>Thinking</summary>\n', '\n</details>\n'],
    ['<|im_start|>think\n', '\n<|im_start|>answer\n'],
  ),
);

const thought = fc.constantFrom(
  (n: number) => `maybe \\boxed{${n}}?`,
  (n: number) => `The answer is ${n}.`,
  (n: number) => `#### ${n}`,
  (n: number) => `<answer>${n}</answer>`,
  (n: number) => `It could be ${n}. Hmm, wait.\n\n${n}`,
);

const said = fc.constantFrom(
  (n: number) => `The answer is ${n}.`,
  (n: number) => `\\boxed{${n}}`,
  (n: number) => `${n}`,
  (n: number) => `There are ${n} ways.`,
  (n: number) => `**Answer: ${n}**`,
  (n: number) => `#### ${n}`,
  (n: number) => `<answer>${n}</answer>`,
  (n: number) => `所以一共有${n}种。`,
);

describe('thoughts', () => {
  it('give no answer: only what follows counts', () => {
    fc.assert(
      fc.property(marks, thought, said, twoIntegers, ([open, close], think, say, [a, b]) => {
        const response = `${open}${think(a)}${close}\n${say(b)}`;
        expect([response, verdict(`${b}`, response), verdict(`${a}`, response)]).toEqual([
          response,
          'correct',
          'incorrect',
        ]);
      }),
      { numRuns: 500 },
    );
  });

  it('that the prompt began end at their closing mark', () => {
    fc.assert(
      fc.property(thought, said, twoIntegers, (think, say, [a, b]) => {
        const response = `${think(a)}</think>${say(b)}`;
        expect([verdict(`${b}`, response), verdict(`${a}`, response)]).toEqual(['correct', 'incorrect']);
      }),
    );
  });

  it('that are not closed, or after which nothing is said, have no answer', () => {
    fc.assert(
      fc.property(marks, thought, fc.integer({ min: 2, max: 999 }), ([open, close], think, n) => {
        for (const response of [
          `${open}${think(n)}`,
          `${open}${think(n)}${close}`,
          `${open}${think(n)}${close}I could not solve this.`,
        ])
          expect([response, verdict(`${n}`, response)]).toEqual([response, 'incorrect']);
      }),
      { numRuns: 300 },
    );
  });

  it('are not seen in comparisons', () => {
    expect(finalPart('x < think and y > 3')).toBe('x < think and y > 3');
    expect(verdict('x<5', 'The answer is x < 5.')).toBe('correct');
  });
});
