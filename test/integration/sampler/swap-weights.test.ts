import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ModelFolderError } from '../../../src/models/model-files.ts';
import { SamplerRequestError } from '../../../src/sampler/engine/errors.ts';
import { createOnnxSampler } from '../../../src/sampler/onnx-sampler.ts';
import type { GenerateRequest, Generation, Sampler } from '../../../src/sampler/types.ts';
import { tinyModels } from '../../support/tiny-models.ts';

let scratch: string;
const folderOf = (name: string): string => join(scratch, name);
const open: Sampler[] = [];
const start = async (name: string): Promise<Sampler> => {
  const sampler = await createOnnxSampler({ modelDirectory: folderOf(name), checkpoint: name, threads: 2 });
  open.push(sampler);
  return sampler;
};

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'whencode-swap-'));
  const models = await tinyModels();
  for (const name of ['first', 'second']) await cp(join(models, 'llama-tied'), folderOf(name), { recursive: true });
  await cp(join(models, 'qwen3'), folderOf('other-architecture'), { recursive: true });
  const weights = join(folderOf('second'), 'model.safetensors');
  const bytes = await readFile(weights);
  bytes.fill(0, bytes.length - 8000);
  await writeFile(weights, bytes);
});
afterAll(async () => {
  await Promise.all(open.map((sampler) => sampler.close()));
  await rm(scratch, { recursive: true });
});

const requests: GenerateRequest[] = Array.from({ length: 40 }, (_, i) => ({
  id: `${i}`,
  promptIds: [5, 6, 7, i % 3],
  seed: `${i}`,
  maxNewTokens: 60,
  temperature: 1,
  stopStrings: [],
}));

describe('the weights of another checkpoint', () => {
  it('are taken once the running calls have ended, without a trace of the old ones', async () => {
    const sampler = await start('first');
    const before = await (await start('first')).generate(requests);
    const after = await (await start('second')).generate(requests);
    expect(after).not.toEqual(before);

    const order: string[] = [];
    const note =
      (what: string) =>
      (found: Generation[]): Generation[] => {
        order.push(what);
        return found;
      };
    const running = sampler.generate(requests, { checkpoint: 'first' }).then(note('running'));
    const swapping = sampler.swapWeights?.(folderOf('second'), 'second');
    const waiting = sampler.generate(requests, { checkpoint: 'second' }).then(note('waiting'));
    expect(await running).toEqual(before);
    await swapping;
    expect(await waiting).toEqual(after);
    expect(order).toEqual(['running', 'waiting']);
    await sampler.swapWeights?.(folderOf('first'), 'first');
    expect(await sampler.generate(requests)).toEqual(before);
  });

  it('are not taken if they do not fit, and a call for a checkpoint that is not served is refused', async () => {
    const sampler = await start('first');
    await expect(sampler.swapWeights?.(folderOf('other-architecture'), 'x')).rejects.toThrow(ModelFolderError);
    await expect(sampler.swapWeights?.(folderOf('nowhere'), 'x')).rejects.toThrow(ModelFolderError);
    const refused = sampler.generate(requests, { checkpoint: 'x' });
    await expect(refused).rejects.toThrow(SamplerRequestError);
    await expect(refused).rejects.toThrow(/checkpoint x was asked for, the sampler serves first/);
    expect(await sampler.generate(requests.slice(0, 1), { checkpoint: 'first' })).toHaveLength(1);
  });
});
