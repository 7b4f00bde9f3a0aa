import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  float32Tensor,
  SafetensorsError,
  type TensorView,
  writeSafetensors,
} from '../../../src/formats/safetensors.ts';
import { checkpointTensors, EMBEDDING, HEAD } from '../../../src/models/checkpoint-tensors.ts';
import { parseModelConfig } from '../../../src/models/model-config.ts';
import { ModelFolderError } from '../../../src/models/model-files.ts';
import { readModel } from '../../../src/models/read-model.ts';
import { withArchitecture } from '../../../src/trainer/architecture.ts';
import type { TrainOptions } from '../../../src/trainer/job.ts';
import { tinyModelConfig } from '../../support/model-config.ts';

const CONFIG = tinyModelConfig();
const SHAPES = checkpointTensors(parseModelConfig(CONFIG, 'config.json'));

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'read-model-'));
});
afterAll(() => rm(root, { recursive: true }));

const filled = (shape: readonly number[], value: number): TensorView =>
  float32Tensor(
    Array.from({ length: shape.reduce((product, size) => product * size, 1) }, (_, at) => value + at),
    shape,
  );
const weights = (change: Record<string, TensorView> = {}): Map<string, TensorView> =>
  new Map([
    ...[...SHAPES].map(([name, shape]): [string, TensorView] => [name, filled(shape, 0)]),
    ...Object.entries(change),
  ]);

let folders = 0;
async function writeFolder(files: Record<string, string | Uint8Array>, config = CONFIG): Promise<string> {
  folders += 1;
  const folder = join(root, `${folders}`);
  await mkdir(folder);
  for (const [name, content] of Object.entries({ 'config.json': JSON.stringify(config), ...files }))
    await writeFile(join(folder, name), content);
  return folder;
}

const asType = (type: TensorView['type'], bytesAnElement: number, shape: readonly number[]): TensorView => ({
  type,
  shape,
  bytes: new Uint8Array(shape.reduce((product, size) => product * size, bytesAnElement)),
});
const embedding = SHAPES.get(EMBEDDING) ?? [];

describe('a head that is stored although the configuration ties it', () => {
  it.each([
    ['the same', filled(embedding, 0), true],
    ['another', filled(embedding, 1), false],
  ])('%s as the embedding', async (_, head, tiedHead) => {
    const folder = await writeFolder({ 'model.safetensors': writeSafetensors(weights({ [HEAD]: head })) });
    const { config, files } = await readModel(folder);
    expect(config.tiedHead).toBe(tiedHead);
    expect(files['model.safetensors']?.includes(HEAD)).toBe(!tiedHead);
  });

  it('of another type counts by its values', async () => {
    const same = { ...asType('F16', 2, embedding) };
    const zeros = filled(embedding, 0).bytes.map(() => 0);
    const both = weights({ [HEAD]: same, [EMBEDDING]: { type: 'F32', shape: embedding, bytes: zeros } });
    expect((await readModel(await writeFolder({ 'model.safetensors': writeSafetensors(both) }))).config.tiedHead).toBe(
      true,
    );
    const differing = weights({ [HEAD]: same });
    const folder = await writeFolder({ 'model.safetensors': writeSafetensors(differing) });
    expect((await readModel(folder)).config.tiedHead).toBe(false);
  });
});

describe('the files of a model', () => {
  it('are model.safetensors alone, whatever other files the folder has', async () => {
    const folder = await writeFolder({
      'model.safetensors': writeSafetensors(weights({ junk: filled([2], 0) })),
      'model_ema.safetensors': writeSafetensors(weights()),
      'adapter_model.safetensors': writeSafetensors(new Map([['lora', filled([2], 0)]])),
    });
    const { files } = await readModel(folder);
    expect(files).toEqual({ 'model.safetensors': [...SHAPES.keys()] });
    const job = { kind: 'train', modelDirectory: folder, trainingSetFile: '', outputDirectory: '' } as const;
    const described = await withArchitecture({ ...job, options: {} as TrainOptions });
    expect(described.architecture).toMatchObject({ files, tiedHead: true });
  });

  it('are the shards that the index names', async () => {
    const all = [...weights()];
    const [first, second] = [new Map(all.slice(0, 5)), new Map(all.slice(5))];
    const index = {
      weight_map: Object.fromEntries(all.map(([name], at) => [name, at < 5 ? 'a.safetensors' : 'b.safetensors'])),
    };
    const folder = await writeFolder({
      'a.safetensors': writeSafetensors(first),
      'b.safetensors': writeSafetensors(second),
      'c.safetensors': writeSafetensors(weights()),
      'model.safetensors.index.json': JSON.stringify(index),
    });
    expect((await readModel(folder)).files).toEqual({
      'a.safetensors': [...first.keys()],
      'b.safetensors': [...second.keys()],
    });
  });

  it.each([
    ['F8_E4M3', 1],
    ['I16', 2],
    ['I8', 1],
    ['U8', 1],
    ['F64', 8],
  ] as const)('of type %s are refused for what they are', async (type, bytes) => {
    const name = 'model.layers.0.mlp.up_proj.weight';
    const changed = weights({ [name]: asType(type, bytes, SHAPES.get(name) ?? []) });
    const folder = await writeFolder({ 'model.safetensors': writeSafetensors(changed) });
    await expect(readModel(folder)).rejects.toThrow(ModelFolderError);
    await expect(readModel(folder)).rejects.toThrow(new RegExp(`${name} .* is stored as ${type}; .*dequantize`));
  });

  it('that Git LFS has not fetched are named', async () => {
    const pointer = 'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12345\n';
    const folder = await writeFolder({ 'model.safetensors': pointer });
    await expect(readModel(folder)).rejects.toThrow(SafetensorsError);
    await expect(readModel(folder)).rejects.toThrow(/model\.safetensors: a pointer of Git LFS.*git lfs pull/);
    await expect(readModel(await writeFolder({ 'config.json': pointer }))).rejects.toThrow(
      /config\.json is a pointer of Git LFS/,
    );
  });

  it('of a quantized checkpoint are refused by the method', async () => {
    const fp8 = { ...CONFIG, quantization_config: { quant_method: 'fp8', weight_block_size: [128, 128] } };
    const folder = await writeFolder({ 'model.safetensors': writeSafetensors(weights()) }, fp8);
    await expect(readModel(folder)).rejects.toThrow(
      /quantized checkpoint \(quantization_config: fp8\).*original weights/,
    );
  });
});

it('a model of a family that nobody knows here goes to the trainer without an architecture', async () => {
  const folder = await writeFolder({}, { model_type: 'gpt2' });
  const job = { kind: 'train', modelDirectory: folder, trainingSetFile: '', outputDirectory: '' } as const;
  expect(await withArchitecture({ ...job, options: {} as TrainOptions })).not.toHaveProperty('architecture');
});
