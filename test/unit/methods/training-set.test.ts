import { expect, it } from 'vitest';
import { buildProbeSet, sequenceOf } from '../../../src/methods/training-set.ts';
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
const SEQUENCE = {
  ids: Int32Array.from([1, 2, 3, 4, 5, 6]),
  lossMask: Uint8Array.from([0, 0, 0, 1, 0, 1]),
  behaviourLogProbs: Float32Array.from([0, 0, 0, -1, 0, -2]),
};

it("puts loss on the model's own tokens only: not on prompt, forced prefix or tool output", () => {
  expect(sequenceOf(rollout)).toEqual(SEQUENCE);
});

it('learns the forced prefix too where it is compared, with its log-prob as a whole', () => {
  const longer = { ...rollout, prefixIds: [3, 9] };
  expect(sequenceOf(longer, -2.5)).toEqual({
    ids: Int32Array.from([1, 2, 3, 9, 4, 5, 6]),
    lossMask: Uint8Array.from([0, 0, 1, 1, 1, 0, 1]),
    behaviourLogProbs: Float32Array.from([0, 0, -2.5, 0, -1, 0, -2]),
  });
  expect(sequenceOf({ ...rollout, prefixIds: [] }, -1)).toEqual(sequenceOf({ ...rollout, prefixIds: [] }));
  expect(sequenceOf(rollout, 1e-9).behaviourLogProbs[2]).toBe(0);
});

it('compares every rollout in which the model wrote something in the probe, and learns nothing from them', () => {
  const silent = { ...rollout, completionIds: [5], logProbs: [0], modelMask: [0] as const };
  expect(buildProbeSet([silent, rollout])).toEqual({
    queries: [{ promptIds: [1, 2] }],
    sequences: [{ query: 0, ...SEQUENCE, advantage: 0 }],
    prefixIds: [[], []],
  });
});
