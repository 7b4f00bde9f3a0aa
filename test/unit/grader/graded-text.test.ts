import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gradedText } from '../../../src/grader/graded-text.ts';
import { graderFor } from '../../../src/grader/grader-for.ts';
import { ownTurns } from '../../../src/rollout/segments.ts';

const CONFIRMATIONS = [
  'The check agrees.',
  'This confirms the answer.',
  'The output matches, as expected.',
  'The result is consistent with our derivation for n = 1, 2, 3.',
  'Good.',
  '',
  '验证正确。',
  'Verified for all 12 cases.',
];
const DOUBTS = [
  'The output does not match.',
  'This is wrong.',
  'The output is different.',
  'Hmm, I made a mistake.',
  'But the check fails.',
  'The program printed something unexpected.',
];
const OTHERS: readonly ((n: number) => string)[] = [
  (n) => `So the answer is ${n}.`,
  (n) => `\\boxed{${n}}`,
  (n) => `The output is ${n}.`,
  (n) => `#### ${n}`,
  (n) => `The check fails; the correct answer is ${n}.`,
];

const verdict = (gold: number, turns: readonly string[]) => graderFor(`${gold}`)(gradedText(turns)).verdict;
const two = fc.tuple(fc.integer({ min: 2, max: 999 }), fc.integer({ min: 2, max: 999 })).filter(([a, b]) => a !== b);

describe('the graded text of a rollout that ran code', () => {
  it('holds a boxed answer that the text behind the output confirms or leaves alone', () => {
    fc.assert(
      fc.property(fc.constantFrom(...CONFIRMATIONS), fc.constantFrom(...CONFIRMATIONS), two, (first, last, [a]) => {
        expect(verdict(a, [`So \\boxed{${a}}. Let me verify.\n`, last])).toBe('correct');
        expect(verdict(a, [`So \\boxed{${a}}. Let me verify.\n`, `${first} Once more.\n`, last])).toBe('correct');
      }),
    );
  });

  it('is the last turn where it gives an answer of its own', () => {
    fc.assert(
      fc.property(fc.constantFrom(...OTHERS), two, (other, [a, b]) => {
        const turns = [`So \\boxed{${a}}. Let me verify.\n`, other(b)];
        expect([turns, verdict(b, turns), verdict(a, turns)]).toEqual([turns, 'correct', 'incorrect']);
      }),
    );
  });

  it('does not hold a boxed answer that the last turn doubts', () => {
    fc.assert(
      fc.property(fc.constantFrom(...DOUBTS), two, (doubt, [a]) => {
        expect([doubt, verdict(a, [`So \\boxed{${a}}. Let me verify.\n`, doubt])]).toEqual([doubt, 'incorrect']);
      }),
    );
  });

  it('does not hold what was only thought, announced in words, or boxed in code', () => {
    expect(verdict(5, ['<think>\\boxed{5}. Verify:', 'It agrees.'])).toBe('incorrect');
    expect(verdict(5, ['So \\boxed{5}. Verify:', 'It agrees.</think>I give up.'])).toBe('incorrect');
    expect(verdict(5, ['The answer is 5. Verify:', 'It agrees.'])).toBe('incorrect');
    expect(verdict(5, ['\\boxed{5}. Verify: \\boxed{', 'It agrees.'])).toBe('incorrect');
    const segments = [
      { by: 'model', text: 'Run it.\n```python\nprint("\\\\boxed{5}")\n```' },
      { by: 'tool', text: '\n```output\n\\boxed{5}\n```\n' },
      { by: 'model', text: 'It agrees.' },
    ] as const;
    expect(verdict(5, ownTurns(segments, [{ code: 'print("\\\\boxed{5}")' }]))).toBe('incorrect');
  });
});

describe('the turns of a rollout', () => {
  it('are without prefix, code and tool output', () => {
    const segments = [
      { by: 'prefix', text: '```python\n' },
      { by: 'model', text: 'x = 1\n```' },
      { by: 'tool', text: 'out 1' },
      { by: 'model', text: 'So far so good.\n```python\nprint(x)\n```' },
      { by: 'tool', text: 'out 2' },
      { by: 'model', text: 'It is 1.' },
    ] as const;
    const turns = ownTurns(segments, [{ code: 'x = 1' }, { code: 'print(x)' }]);
    expect(turns).toEqual(['', 'So far so good.\n```python\n', 'It is 1.']);
    expect(ownTurns(segments.slice(0, 5), [{ code: 'x = 1' }, { code: 'print(x)' }]).at(-1)).toBe('');
    expect(ownTurns([{ by: 'model', text: 'Just text.' }], [])).toEqual(['Just text.']);
  });

  it('end at the first fence where the code is not found as it ran', () => {
    const segments = [
      { by: 'model', text: 'So \\boxed{4}.\n\n  ```py\n  print( 4)\n  ```' },
      { by: 'tool', text: '4' },
    ] as const;
    expect(ownTurns(segments, [{ code: 'print(4)' }])).toEqual(['So \\boxed{4}.\n\n', '']);
  });
});
