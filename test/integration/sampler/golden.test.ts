import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { createOnnxSampler } from '../../../src/sampler/onnx-sampler.ts';
import { readTokenizer } from '../../../src/sampler/tokenizer.ts';
import {
  MODEL_NAMES,
  type ModelGolden,
  readGolden,
  type TokenizerGolden,
  tinyModels,
} from '../../support/tiny-models.ts';

let models: string;
beforeAll(async () => {
  models = await tinyModels();
});

describe('against transformers', () => {
  it.each(MODEL_NAMES)('%s: greedy tokens are equal, log-probs within 1e-4', async (name) => {
    const modelDirectory = join(models, name);
    const { cases } = await readGolden<ModelGolden>(modelDirectory);
    const sampler = await createOnnxSampler({ modelDirectory, threads: 1 });
    try {
      const generations = await sampler.generate(
        cases.map(({ promptIds }, i) => ({
          id: `${i}`,
          promptIds,
          seed: 'unused',
          maxNewTokens: 24,
          temperature: 0,
          stopStrings: [],
        })),
      );
      const scores = await sampler.score(
        cases.map(({ promptIds, greedyIds }, i) => ({ id: `${i}`, promptIds, continuationIds: greedyIds })),
      );
      for (const [i, golden] of cases.entries()) {
        expect(generations[i]?.tokenIds).toEqual(golden.greedyIds);
        expect(distance(generations[i]?.logProbs, golden.logProbs)).toBeLessThan(1e-4);
        expect(distance(scores[i]?.logProbs, golden.logProbs)).toBeLessThan(1e-4);
      }
    } finally {
      await sampler.close();
    }
  });

  it.each(['tokenizer-byte-level', 'tokenizer-byte-fallback'])('%s: ids, text and chat are equal', async (name) => {
    const tokenizer = await readTokenizer(join(models, name));
    const golden = await readGolden<TokenizerGolden>(join(models, name));
    for (const { text, ids, decoded } of golden.cases) {
      expect(tokenizer.encode(text)).toEqual(ids);
      expect(tokenizer.decode(ids)).toBe(decoded);
    }
    expect(await tokenizer.renderChat(golden.messages)).toBe(golden.chat);
    expect(tokenizer.eosTokenIds).toEqual([golden.eosTokenId]);
  });
});

function distance(found: readonly number[] | undefined, wanted: readonly number[]): number {
  if (found?.length !== wanted.length) return Number.POSITIVE_INFINITY;
  return Math.max(...found.map((value, i) => Math.abs(value - (wanted[i] ?? 0))));
}
