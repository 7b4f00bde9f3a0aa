import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readRolloutFiles, writeRolloutFiles } from '../../../src/rollout/file.ts';
import type { Rollout } from '../../../src/rollout/types.ts';
import { letterTokenizer } from './letter-tokenizer.ts';

const token = fc.integer({ min: 7, max: 200 });
const rolloutArbitrary: fc.Arbitrary<Rollout> = fc
  .record({
    promptIds: fc.array(token, { maxLength: 8 }),
    prefixIds: fc.array(token, { maxLength: 2 }),
    completion: fc.array(
      fc.tuple(token, fc.float({ min: -20, max: 0, noNaN: true }), fc.constantFrom(0 as const, 1 as const)),
      { maxLength: 12 },
    ),
    arm: fc.constantFrom('auto' as const, 'cot' as const, 'code' as const),
    sample: fc.nat(7),
    blocks: fc.array(fc.record({ code: fc.string() }), { maxLength: 2 }),
  })
  .map(({ completion, arm, sample, ...rest }) => ({
    ...rest,
    id: `p#${arm}#${sample}`,
    problemId: 'p',
    arm,
    sample,
    seed: 'seed',
    completionIds: completion.map(([id]) => id),
    logProbs: completion.map(([, logProb]) => logProb),
    modelMask: completion.map(([, , bit]) => bit),
    state: 'completed' as const,
    endReason: 'eos',
  }));

describe('rollout files', () => {
  it('give back every rollout as it was written', () => {
    fc.assert(
      fc.property(fc.array(rolloutArbitrary, { maxLength: 6 }), (rollouts) => {
        expect(readRolloutFiles(writeRolloutFiles(rollouts, letterTokenizer))).toEqual(rollouts);
      }),
    );
  });

  it('refuse blobs that do not belong together', () => {
    const [one] = fc.sample(rolloutArbitrary, { numRuns: 1, seed: 1 }) as [Rollout];
    const files = writeRolloutFiles([one], letterTokenizer);
    expect(() => readRolloutFiles({ ...files, summary: Buffer.alloc(0) })).toThrow(/disagree/);
  });
});
