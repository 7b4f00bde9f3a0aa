import { describe, expect, it } from 'vitest';
import { buildTrainingSet } from '../../../src/methods/training-set.ts';
import type { Rollout } from '../../../src/rollout/types.ts';

const rollout: Rollout = {
  id: 'p#code#0',
  problemId: 'p',
  arm: 'code',
  sample: 0,
  seed: 's',
  promptIds: [1, 2],
  prefixIds: [3],
  completionIds: [4, 5, 6],
  logProbs: [-1, 0, -2],
  modelMask: [1, 0, 1],
  blocks: [],
  state: 'completed',
};
const counts = {
  problems: 1,
  withheld: 0,
  noSignal: 0,
  ties: 0,
  unsolved: 0,
  targets: 1,
  targetsAgainstEstimate: 0,
  keptRollouts: 1,
};

describe('the training set', () => {
  it("puts loss on the model's own tokens only: not on prompt, forced prefix or tool output", () => {
    const curation = {
      queries: [{ problemId: 'p', target: [0.1, 0.9] as const, kept: [{ rolloutId: 'p#code#0', advantage: 1.5 }] }],
      counts,
    };
    expect(buildTrainingSet(curation, [rollout], [[7], [3]])).toEqual({
      queries: [{ promptIds: [1, 2], target: [0.1, 0.9] }],
      sequences: [
        {
          query: 0,
          ids: [1, 2, 3, 4, 5, 6],
          lossMask: [0, 0, 0, 1, 0, 1],
          behaviourLogProbs: [0, 0, 0, -1, 0, -2],
          advantage: 1.5,
        },
      ],
      prefixIds: [[7], [3]],
    });
  });

  it('names a rollout that the curation keeps but that was never sampled', () => {
    const curation = { queries: [{ problemId: 'p', kept: [{ rolloutId: 'gone', advantage: 1 }] }], counts };
    expect(() => buildTrainingSet(curation, [rollout], [[], []])).toThrow(/keeps rollout gone/);
  });
});
