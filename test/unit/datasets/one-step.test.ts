import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { generateOneStep, generateOneStepDemonstrations } from '../../../src/datasets/one-step.ts';

/** From the numbers of the question alone: one of the four operations, exact. */
function possibleAnswers(problem: string): string[] {
  const [a = 0, b = 0] = (problem.match(/\d+/g) ?? []).map(Number);
  return [a + b, a - b, b - a, a * b, a / b, b / a].map(String);
}

describe('one-step problems', () => {
  it('have two numbers and a positive whole answer that one operation gives', () => {
    for (const { problem, answer } of generateOneStep({ split: 'train', count: 500, seed: 4 })) {
      expect(possibleAnswers(problem)).toContain(answer);
      expect(answer).toMatch(/^[1-9]\d*$/);
    }
  });

  it('never share a prompt between train and held-out, for any seeds', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), (seed, other) => {
        const heldOut = generateOneStep({ split: 'held-out', count: 100, seed }).map(({ problem }) => problem);
        const train = generateOneStep({ split: 'train', count: 100, seed: other });
        const shown = generateOneStepDemonstrations({ count: 100, seed: other });
        const seen = new Set([...train, ...shown].map(({ problem }) => problem));
        expect(heldOut.filter((problem) => seen.has(problem))).toEqual([]);
        expect(new Set(heldOut).size).toBe(100);
      }),
      { numRuns: 10 },
    );
  });

  it('are the same for the same seed', () => {
    const [first] = generateOneStepDemonstrations({ count: 1, seed: 0 });
    expect(first).toMatchInlineSnapshot(`
      {
        "answer": "202",
        "code": {
          "code": "left_over = 579 - 377
      print(left_over)",
        },
        "cot": {
          "text": "579 - 377 = 202. That is 202 books.
      The answer is \\boxed{202}.",
        },
        "id": "one-step/93daf8604b08f99d",
        "problem": "A library owned 579 books, but 377 were lost. How many books does it still own?",
      }
    `);
  });
});
