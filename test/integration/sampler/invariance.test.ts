import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { groupSize } from '../../../src/sampler/engine/group-places.ts';
import { createOnnxSampler } from '../../../src/sampler/onnx-sampler.ts';
import type { GenerateRequest, Generation, Sampler } from '../../../src/sampler/types.ts';
import { tinyModels } from '../../support/tiny-models.ts';

/** Prompts around every boundary of padding and cutting: 16, 32, 64, 128, 256 tokens. */
const PROMPT_LENGTHS = [1, 2, 5, 16, 17, 33, 64, 65, 129, 130, 200, 258];
const SAMPLES = 3;

const allRequests: readonly GenerateRequest[] = PROMPT_LENGTHS.flatMap((length, p) =>
  Array.from({ length: SAMPLES }, (_, k) => ({
    id: `${length}#${k}`,
    promptIds: Array.from({ length }, (_, i) => (i * 37 + p * 101 + 11) % 329),
    seed: `seed ${length} ${k}`,
    maxNewTokens: 3 + ((p * 29 + k * 31) % 90),
    temperature: k === 0 ? 0 : 0.7 + 0.3 * k,
    stopStrings: [],
  })),
);

// A head size that is no power of two exercises the most kernels; the wide one multiplies as a real model does.
const MODELS = [
  { name: 'llama-tied', compute: 'fp32', requests: allRequests, runs: 12 },
  { name: 'qwen3', compute: 'fp32', requests: allRequests, runs: 12 },
  { name: 'llama-wide', compute: 'fp32', requests: allRequests.filter(({ id }) => id.endsWith('#1')), runs: 6 },
  { name: 'llama-wide-heads', compute: 'fp32', requests: allRequests, runs: 8 },
  { name: 'llama-wide', compute: 'w8a8', requests: allRequests.filter(({ id }) => id.endsWith('#2')), runs: 6 },
] as const;

describe.each(MODELS)(
  '$name $compute: a generation depends on weights, prompt, seed and options only',
  ({ name, compute, requests, runs }) => {
    const open: Sampler[] = [];
    let modelDirectory: string;
    let samplers: { one: Sampler; two: Sampler; narrow: Sampler };
    let alone: Map<string, Generation>;

    const start = async (options: { threads: number; maxRows?: number }): Promise<Sampler> => {
      const sampler = await createOnnxSampler({ modelDirectory, compute, ...options });
      open.push(sampler);
      return sampler;
    };

    beforeAll(async () => {
      modelDirectory = join(await tinyModels(), name);
      const [one, two, narrow] = await Promise.all([
        start({ threads: 1 }),
        start({ threads: 2 }),
        start({ threads: 1, maxRows: 5 }),
      ]);
      samplers = { one, two, narrow };
      alone = new Map();
      for (const request of requests) for (const found of await one.generate([request])) alone.set(found.id, found);
    });
    afterAll(() => Promise.all(open.map((sampler) => sampler.close())));

    it('bitwise, in any company, order, width and number of threads', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.shuffledSubarray([...requests], { minLength: 1 }),
          fc.constantFrom('one' as const, 'two' as const, 'narrow' as const),
          async (chosen, which) => {
            for (const found of await samplers[which].generate(chosen)) expect(found).toEqual(alone.get(found.id));
          },
        ),
        { numRuns: runs },
      );
    });

    it('bitwise beside a prompt of so many rows that its keys and values are copied', async () => {
      const ofPrompts = new Map(requests.map((request) => [request.promptIds.length, request]));
      const [many, ...others] = [...ofPrompts.values()].reverse();
      if (many === undefined) throw new Error('no such request');
      const few = others.slice(0, 3);
      const rows = [20, ...few.map(() => 1)];
      expect(groupSize(rows, 2 * rows.length)).toBeLessThan(20);
      const crowd = Array.from({ length: 20 }, (_, i) => ({ ...many, id: `crowd ${i}` }));
      const found = await samplers.one.generate([...crowd, ...few]);
      for (const { id, ...generation } of found) {
        const { id: _, ...expected } = alone.get(id.startsWith('crowd') ? many.id : id) ?? { id };
        expect(generation).toEqual(expected);
      }
    });

    it('two calls at once leave each other alone', async () => {
      const [evens, odds] = [0, 1].map((rest) => requests.filter((_, i) => i % 2 === rest));
      const found = await Promise.all([samplers.two.generate(evens ?? []), samplers.two.generate(odds ?? [])]);
      for (const generation of found.flat()) expect(generation).toEqual(alone.get(generation.id));
    });

    it('score gives back the recorded log-probs', async () => {
      const atOne = await samplers.two.generate(requests.map((request) => ({ ...request, temperature: 1 })));
      const scores = await samplers.one.score(
        atOne.map(({ id, tokenIds }, i) => ({
          id,
          promptIds: requests[i]?.promptIds ?? [],
          continuationIds: tokenIds,
        })),
      );
      for (const [i, { logProbs }] of scores.entries()) expect(logProbs).toEqual(atOne[i]?.logProbs);
    });

    it('a generation cut in two goes on as if it had not been', async () => {
      const request = requests.find(({ id }) => /^33#[12]$/.test(id));
      if (request === undefined) throw new Error('no such request');
      const whole = await samplers.one.generate([{ ...request, maxNewTokens: 20 }]);
      const ids = whole[0]?.tokenIds ?? [];
      const rest = await samplers.one.generate([
        { ...request, promptIds: [...request.promptIds, ...ids.slice(0, 7)], maxNewTokens: 13 },
      ]);
      expect(rest[0]?.tokenIds).toEqual(ids.slice(7));
    });
  },
);
