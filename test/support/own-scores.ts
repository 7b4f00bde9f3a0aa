/** What our own engine says of tokens, to compare another sampler with. */
import { expect } from 'vitest';
import { createOnnxSampler } from '../../src/sampler/onnx-sampler.ts';
import type { Score, ScoreRequest } from '../../src/sampler/types.ts';

export async function ownScores(modelDirectory: string, requests: readonly ScoreRequest[]): Promise<Score[]> {
  const own = await createOnnxSampler({ modelDirectory, threads: 1 });
  return own.score(requests).finally(() => own.close());
}

/** Expects as many log-probs, each within 1e-3. */
export function expectClose(found: readonly Score[], expected: readonly Score[]): void {
  expect(found.map(({ logProbs }) => logProbs.length)).toEqual(expected.map(({ logProbs }) => logProbs.length));
  for (const [at, { logProbs }] of found.entries())
    for (const [position, value] of logProbs.entries())
      expect(Math.abs(value - (expected[at]?.logProbs[position] ?? Number.NaN))).toBeLessThan(1e-3);
}
