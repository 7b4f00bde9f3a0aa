import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isHeldOut } from '../../../src/datasets/held-out.ts';
import { seededRandom } from '../../../src/datasets/random.ts';
import { generateDemonstrations } from '../../../src/datasets/testbed/demonstrations.ts';
import { generateTestbed, LEVELS, toProblem } from '../../../src/datasets/testbed/generate.ts';
import { canonicalJson } from '../../../src/formats/canonical-json.ts';
import { referenceAnswer } from './testbed-reference.ts';

const digest = (value: unknown): string => createHash('sha256').update(canonicalJson(value)).digest('hex').slice(0, 16);

describe('testbed problems', () => {
  it('are the same for the same seed, release after release', () => {
    const digests = {
      train: digest(generateTestbed({ split: 'train', count: 500, seed: 3 })),
      heldOut: digest(generateTestbed({ split: 'held-out', count: 400, seed: 3 })),
      unseen: digest(generateTestbed({ split: 'unseen', count: 100, seed: 3 })),
      demonstrations: digest(generateDemonstrations({ count: 500, seed: 3 })),
    };
    expect(digests).toMatchInlineSnapshot(`
      {
        "demonstrations": "505aa69a0e5ec398",
        "heldOut": "f2a86d6988a34ef6",
        "train": "fa9a49dd5efb6eb7",
        "unseen": "d55d243f66f907d4",
      }
    `);
  });

  it('never share a prompt between splits, for any seeds, and never repeat one', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), (seed, otherSeed) => {
        const train = generateTestbed({ split: 'train', count: 150, seed });
        const heldOut = generateTestbed({ split: 'held-out', count: 80, seed: otherSeed });
        const unseen = generateTestbed({ split: 'unseen', count: 40, seed });
        const demonstrations = generateDemonstrations({ count: 150, seed: otherSeed });
        const prompts = [...train, ...heldOut, ...unseen].map(({ problem }) => problem);
        expect(new Set(prompts).size).toBe(prompts.length);
        const evaluated = new Set([...heldOut, ...unseen].map(({ problem }) => problem));
        expect(demonstrations.filter(({ problem }) => evaluated.has(problem))).toEqual([]);
      }),
      { numRuns: 15 },
    );
  });

  it('hold out one prompt in five', () => {
    const random = seededRandom('share');
    const prompts = Array.from(
      { length: 4000 },
      () => LEVELS[random.between(0, LEVELS.length - 1)]?.draw(random).problem,
    );
    const share = prompts.filter((prompt) => isHeldOut(prompt ?? '')).length / prompts.length;
    expect(share).toBeGreaterThan(0.17);
    expect(share).toBeLessThan(0.23);
  });

  it('reach training without family, level or favoured arm', () => {
    const [problem] = generateTestbed({ split: 'train', count: 1, seed: 0 }).map(toProblem);
    expect(Object.keys(problem ?? {}).sort()).toEqual(['answer', 'id', 'problem']);
  });

  it('favour code in somewhat more than half of the cases, CoT in a third, and either in the rest', () => {
    const seeds = [1, 2, 3, 4, 5];
    const problems = seeds.flatMap((seed) => generateTestbed({ split: 'held-out', count: 400, seed }));
    const share = (arm: string) => problems.filter(({ favoured }) => favoured === arm).length / problems.length;
    expect(share('code')).toBeGreaterThan(0.56);
    expect(share('code')).toBeLessThan(0.64);
    expect(share('cot')).toBeGreaterThan(0.29);
    expect(share('cot')).toBeLessThan(0.37);
    expect(new Set(problems.map(({ family }) => family)).size).toBe(11);
  });

  it('favour different arms inside a family, so that the family alone does not determine the decision', () => {
    for (const family of ['word', 'series', 'last-digit'] as const) {
      const arms = new Set(LEVELS.filter((level) => level.family === family).map(({ favoured }) => favoured));
      expect(arms.size).toBeGreaterThan(1);
    }
  });
});

describe.each(LEVELS.map((level) => [`${level.family}, ${level.name}`, level] as const))('%s', (_, level) => {
  const random = seededRandom(`draws of ${level.family} ${level.name}`);
  const draws = Array.from({ length: 60 }, () => level.draw(random));

  it('has the answer that the question has', () => {
    expect(draws.map(({ answer }) => answer)).toEqual(
      draws.map(({ problem }) => referenceAnswer(level.family, problem)),
    );
  });

  it('has a chain of thought whose equations hold', () => {
    for (const { cot } of draws) {
      for (const [equation, left = '', right = ''] of cot.matchAll(/(\d[\d+*/]*)=(\d+)/g)) {
        const [product = '', divisor = '1'] = left.split('/');
        const value = product
          .split('+')
          .map((term) => term.split('*').reduce((result, factor) => result * BigInt(factor), 1n))
          .reduce((sum, term) => sum + term, 0n);
        if (!/ mod $/.test(cot.slice(0, cot.indexOf(equation)))) expect(value / BigInt(divisor)).toBe(BigInt(right));
      }
      expect(cot.endsWith('.')).toBe(true);
    }
  });
});
