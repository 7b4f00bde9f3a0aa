import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SamplerCrashError, SamplerRequestError } from '../../../src/sampler/engine/errors.ts';
import { createOnnxSampler } from '../../../src/sampler/onnx-sampler.ts';
import { readTokenizer } from '../../../src/sampler/tokenizer.ts';
import type { GenerateRequest, Sampler, SamplerProgress } from '../../../src/sampler/types.ts';
import { type ModelGolden, readGolden, tinyModels } from '../../support/tiny-models.ts';

let scratch: string;
let modelDirectory: string;
let sampler: Sampler;

beforeAll(async () => {
  const models = await tinyModels();
  scratch = await mkdtemp(join(tmpdir(), 'whencode-sampling-'));
  modelDirectory = join(scratch, 'model');
  await cp(join(models, 'llama-gqa-llama3-rope'), modelDirectory, { recursive: true });
  for (const file of ['tokenizer.json', 'tokenizer_config.json'])
    await cp(join(models, 'tokenizer-byte-level', file), join(modelDirectory, file));
  sampler = await createOnnxSampler({ modelDirectory, threads: 2 });
});
afterAll(async () => {
  await sampler.close();
  await rm(scratch, { recursive: true });
});

const request = (id: string, changes: Partial<GenerateRequest> = {}): GenerateRequest => ({
  id,
  promptIds: [3, 1, 4, 1, 5],
  seed: id,
  maxNewTokens: 8,
  temperature: 1,
  stopStrings: [],
  ...changes,
});

describe('draws', () => {
  it('follow the softmax at the temperature (chi-square)', async () => {
    const { probe } = await readGolden<ModelGolden>(modelDirectory);
    const draws = 4000;
    const generations = await sampler.generate(
      Array.from({ length: draws }, (_, i) =>
        request(`${i}`, { promptIds: probe.promptIds, temperature: probe.temperature, maxNewTokens: 1 }),
      ),
    );
    const counts = new Map<number, number>();
    for (const { tokenIds } of generations) counts.set(tokenIds[0] ?? -1, (counts.get(tokenIds[0] ?? -1) ?? 0) + 1);
    // Tokens that are expected less than 5 times share one bin, as the test wants.
    const bins = [{ expected: 0, observed: 0 }];
    for (const [token, probability] of probe.probabilities.entries()) {
      const expected = probability * draws;
      const observed = counts.get(token) ?? 0;
      if (expected >= 5) bins.push({ expected, observed });
      else if (bins[0] !== undefined) {
        bins[0].expected += expected;
        bins[0].observed += observed;
      }
    }
    const statistic = bins.reduce((sum, { expected, observed }) => sum + (observed - expected) ** 2 / expected, 0);
    const freedom = bins.length - 1;
    expect(freedom).toBeGreaterThan(10);
    // Wilson-Hilferty: a standard normal under the hypothesis. Seeds are fixed, so this passes or fails for good.
    const z = (Math.cbrt(statistic / freedom) - (1 - 2 / (9 * freedom))) / Math.sqrt(2 / (9 * freedom));
    expect(Math.abs(z)).toBeLessThan(3.5);
    const first = generations[0];
    const probability = probe.probabilities[first?.tokenIds[0] ?? -1] ?? 0;
    expect(first?.logProbs[0]).toBeCloseTo(Math.log(probability), 4);
  });

  it('differ between seeds', async () => {
    const generations = await sampler.generate(Array.from({ length: 20 }, (_, i) => request(`${i}`)));
    expect(new Set(generations.map(({ tokenIds }) => tokenIds.join(' '))).size).toBeGreaterThan(15);
  });
});

describe('a generation ends', () => {
  it('with the end-of-sequence token, which it keeps', async () => {
    const [first] = await sampler.generate([request('a', { maxNewTokens: 5 })]);
    const eos = first?.tokenIds[2] ?? -1;
    const directory = join(scratch, 'other-eos');
    await cp(modelDirectory, directory, { recursive: true });
    await writeFile(join(directory, 'generation_config.json'), JSON.stringify({ eos_token_id: [eos, 330] }));
    const other = await createOnnxSampler({ modelDirectory: directory, threads: 1 });
    const [ended] = await other.generate([request('a', { maxNewTokens: 5 })]).finally(() => other.close());
    const at = first?.tokenIds.indexOf(eos) ?? -1;
    expect(ended).toEqual({
      id: 'a',
      tokenIds: first?.tokenIds.slice(0, at + 1),
      logProbs: first?.logProbs.slice(0, at + 1),
      finish: 'eos',
    });
  });

  it('right after the token that completes a stop string, also one that spans tokens', async () => {
    const tokenizer = await readTokenizer(modelDirectory);
    const generations = await sampler.generate(
      Array.from({ length: 200 }, (_, i) => request(`${i}`, { maxNewTokens: 12 })),
    );
    // Random weights write bytes of all kinds: take the rollouts whose 4th and 5th token are plain text.
    const cases = generations.flatMap((whole) => {
      const stop = tokenizer.decode(whole.tokenIds.slice(3, 5));
      const isFirst =
        tokenizer.decode(whole.tokenIds).indexOf(stop) === tokenizer.decode(whole.tokenIds.slice(0, 3)).length;
      return /^[\x20-\x7e]{2,}$/.test(stop) && isFirst && whole.tokenIds.length > 5 ? [{ whole, stop }] : [];
    });
    expect(cases.length).toBeGreaterThan(10);
    const stopped = await sampler.generate(
      cases.map(({ whole, stop }) => request(whole.id, { maxNewTokens: 12, stopStrings: ['absent', stop] })),
    );
    for (const [i, { whole }] of cases.entries())
      expect(stopped[i]).toEqual({
        id: whole.id,
        tokenIds: whole.tokenIds.slice(0, 5),
        logProbs: whole.logProbs.slice(0, 5),
        finish: 'stop',
      });
  });

  it('at its token budget, each at its own', async () => {
    const generations = await sampler.generate(
      [1, 40, 3].map((maxNewTokens) => request(`${maxNewTokens}`, { maxNewTokens })),
    );
    expect(generations.map(({ id, tokenIds }) => [id, tokenIds.length])).toEqual([
      ['1', 1],
      ['40', 40],
      ['3', 3],
    ]);
  });
});

describe('a call', () => {
  it('reports progress up to its total', async () => {
    const seen: SamplerProgress[] = [];
    const generations = await sampler.generate(
      Array.from({ length: 300 }, (_, i) => request(`${i}`, { promptIds: [i % 7, 2, 3] })),
      { onProgress: (progress) => seen.push(progress) },
    );
    const newTokens = generations.reduce((sum, { tokenIds }) => sum + tokenIds.length, 0);
    expect(seen.length).toBeGreaterThan(1);
    expect(seen.at(-1)).toEqual({ finished: 300, total: 300, newTokens });
  });

  it('stops within a second of work of each core after its abort, and the sampler goes on', async () => {
    const abort = new AbortController();
    const endless = Array.from({ length: 2000 }, (_, i) => request(`${i}`, { maxNewTokens: 400 }));
    const call = sampler.generate(endless, { signal: abort.signal });
    await new Promise((resolve) => setTimeout(resolve, 200));
    const before = process.cpuUsage();
    abort.abort(new Error('paused by a person'));
    await expect(call).rejects.toThrow('paused by a person');
    const [next] = await sampler.generate([request('next')]);
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1000).toBeLessThan(1000 * availableParallelism());
    expect(next?.tokenIds.length).toBeGreaterThan(0);
  });

  it('waits for memory rather than exceed it', async () => {
    // 2 layers x 2 heads x 16 x 2 x 4 bytes = 512 bytes a token: room for about 4 rows of 64 places.
    const tight = await createOnnxSampler({ modelDirectory, threads: 1, kvBudgetBytes: 512 * 290 });
    try {
      const many = Array.from({ length: 10 }, (_, i) => request(`${i}`, { maxNewTokens: 50 }));
      expect(await tight.generate(many)).toEqual(await sampler.generate(many));
      await expect(tight.generate([request('huge', { maxNewTokens: 400 })])).rejects.toThrow(
        /request huge: 405 tokens need 1 MiB of keys and values/,
      );
    } finally {
      await tight.close();
    }
  });

  it('is refused before work starts when the model cannot serve it', async () => {
    await expect(sampler.generate([request('x', { promptIds: [] })])).rejects.toThrow(
      /request x: its prompt has no tokens/,
    );
    await expect(sampler.generate([request('x', { promptIds: [331] })])).rejects.toThrow(
      /331 in its prompt is no token/,
    );
    await expect(sampler.generate([request('x', { maxNewTokens: 508 })])).rejects.toThrow(/exceed the model's 512/);
    await expect(sampler.generate([request('x', { temperature: -1 })])).rejects.toThrow(SamplerRequestError);
  });

  it('rejects with a typed error when a thread dies of a damaged checkpoint', async () => {
    const directory = join(scratch, 'diverged');
    await cp(join(await tinyModels(), 'llama-tied'), directory, { recursive: true });
    const file = join(directory, 'model.safetensors');
    const bytes = await readFile(file);
    bytes.fill(0xff, bytes.length - 400, bytes.length - 100);
    await writeFile(file, bytes);
    const diverged = await createOnnxSampler({ modelDirectory: directory, threads: 1 });
    const error = await diverged.generate([request('x')]).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(SamplerCrashError);
    expect(String(error)).toMatch(/computes NaN or infinite logits/);
    await diverged.close();
  });

  it('rejects with a typed error when the sampler goes away under it', async () => {
    const short = await createOnnxSampler({ modelDirectory, threads: 1 });
    const call = short.generate(Array.from({ length: 500 }, (_, i) => request(`${i}`, { maxNewTokens: 400 })));
    const outcome = expect(call).rejects.toThrow(SamplerCrashError);
    await short.close();
    await outcome;
    await expect(short.generate([request('late')])).rejects.toThrow(SamplerCrashError);
  });
});

describe('a folder that cannot be sampled from is refused with the reason', () => {
  const broken = async (change: (directory: string) => Promise<void>): Promise<unknown> => {
    const directory = await mkdtemp(join(scratch, 'broken-'));
    await cp(modelDirectory, directory, { recursive: true });
    await change(directory);
    return createOnnxSampler({ modelDirectory: directory, threads: 1 }).catch((error: unknown) => error);
  };
  const shard = 'model-00001-of-00003.safetensors';

  it.each<[string, (directory: string) => Promise<void>, RegExp]>([
    ['no config.json', (at) => rm(join(at, 'config.json')), /has no config\.json/],
    [
      'a missing shard',
      (at) => rm(join(at, shard)),
      /has no model-00001-of-00003\.safetensors, which .*index\.json names/,
    ],
    ['no weights', (at) => rm(join(at, 'model.safetensors.index.json')), /neither model\.safetensors nor/],
    [
      'a torn shard',
      async (at) => writeFile(join(at, shard), (await readFile(join(at, shard))).subarray(0, 5000)),
      /model-00001-of-00003\.safetensors: not a safetensors file: .*was it cut short/,
    ],
    [
      'another shape than the configuration says',
      (at) => editConfig(at, { intermediate_size: 176 }),
      /mlp\.gate_proj\.weight in .* is \[160,64\], config\.json asks for \[176,64\]/,
    ],
    ['a missing tensor', (at) => editConfig(at, { num_hidden_layers: 3 }), /no tensor model\.layers\.2\./],
  ])('%s', async (_, change, message) => {
    const error = await broken(change);
    expect(error).toBeInstanceOf(Error);
    expect(String(error)).toMatch(message);
  });
});

async function editConfig(directory: string, changes: object): Promise<void> {
  const file = join(directory, 'config.json');
  const config = JSON.parse(await readFile(file, 'utf8')) as object;
  await writeFile(file, JSON.stringify({ ...config, ...changes }));
}
