import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cutValidation } from '../../../src/datasets/cut-validation.ts';
import { textHash } from '../../../src/datasets/text-hash.ts';
import type { Problem } from '../../../src/rollout/types.ts';

const texts = fc.array(fc.oneof(fc.string({ maxLength: 6 }), fc.constantFrom('1 + 1', '1+1', 'What is 1 + 1?')), {
  minLength: 2,
  maxLength: 60,
});
const asProblems = (all: readonly string[]): Problem[] =>
  all.map((problem, at) => ({ id: `p${at}`, problem, answer: '2' }));
const hashes = (problems: readonly Problem[]): string[] => problems.map(({ problem }) => textHash(problem));
/** Problems with a count that leaves some to train on. */
const cases = texts
  .map(asProblems)
  .filter((problems) => new Set(hashes(problems)).size > 1)
  .chain((problems) =>
    fc.tuple(fc.constant(problems), fc.integer({ min: 1, max: new Set(hashes(problems)).size - 1 })),
  );

test('no text is on both sides, and of the others no problem is lost', () => {
  fc.assert(
    fc.property(cases, ([problems, count]) => {
      const { training, validation } = cutValidation(problems, count);
      expect(validation).toHaveLength(count);
      const cut = new Set(hashes(validation));
      expect(cut.size).toBe(count);
      expect(training).toEqual(problems.filter(({ problem }) => !cut.has(textHash(problem))));
    }),
  );
});

test('the order of the problems does not matter, and a larger set keeps a smaller one', () => {
  fc.assert(
    fc.property(cases, fc.integer(), ([problems, count], seed) => {
      const shuffled = [...problems].sort((a, b) =>
        textHash(`${seed}${a.id}`).localeCompare(textHash(`${seed}${b.id}`)),
      );
      const chosen = hashes(cutValidation(problems, count).validation);
      expect(new Set(hashes(cutValidation(shuffled, count).validation))).toEqual(new Set(chosen));
      if (count > 1)
        expect(chosen).toEqual(expect.arrayContaining(hashes(cutValidation(problems, count - 1).validation)));
    }),
  );
});

test('a set that leaves nothing to train on is refused', () => {
  const problems = asProblems(['1 + 1', '1+1', '2 + 2']);
  expect(cutValidation(problems, 1).training.length).toBeGreaterThan(0);
  expect(() => cutValidation(problems, 2)).toThrow(/validation\.problems: 2 of 2 different training problems/);
});
