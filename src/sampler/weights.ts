/** Reads model.safetensors, or the shards that model.safetensors.index.json names, into one shared fp32 buffer. */
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { TensorType } from '../formats/safetensors.ts';
import { SafetensorsReader } from '../formats/safetensors-file.ts';
import type { ModelConfig } from '../models/model-config.ts';
import { isObject, ModelFolderError, readOptionalJson } from '../models/model-files.ts';
import { ropeTables } from '../models/rope.ts';
import { type SamplerCompute, type SourceTensor, scaleName, WeightPlaces } from '../models/weight-layout.ts';
import { quantiseRows } from './quantise.ts';

export interface LoadedWeights {
  readonly places: WeightPlaces;
  /** Read by every thread. */
  readonly buffer: SharedArrayBuffer;
}

/** Throws ModelFolderError if a tensor is missing, has another shape than config.json says, or a type that isn't read. */
export async function loadWeights(
  directory: string,
  config: ModelConfig,
  compute: SamplerCompute,
): Promise<LoadedWeights> {
  const places = new WeightPlaces(config, compute);
  const readers = await openShards(directory);
  try {
    const buffer = new SharedArrayBuffer(places.byteLength);
    const read = async (source: SourceTensor, target: Float32Array): Promise<void> => {
      const reader = holderOf(readers, source);
      const type = checkTensor(reader, source, directory);
      await reader?.stream(source.name, (bytes, at) => {
        widen(bytes, type, target.subarray(at / BYTES[type]));
      });
      const { factor = 1 } = source;
      if (factor !== 1) for (let i = 0; i < target.length; i++) target[i] = (target[i] ?? 0) * factor;
    };
    for (const [name, { type, shape, place, sources }] of places.stored()) {
      let elementsDone = 0;
      for (const source of sources) {
        const elements = source.shape.reduce((product, size) => product * size, 1);
        if (type === 'float32') {
          await read(source, new Float32Array(buffer, place.byteOffset + elementsDone * BYTES.F32, elements));
        } else {
          const values = new Float32Array(elements);
          await read(source, values);
          const [width = 1, rows = 0] = shape;
          quantiseRows(values, {
            matrix: new Int8Array(buffer, place.byteOffset, width * rows),
            scales: new Float32Array(buffer, places.get(scaleName(name)).place.byteOffset, rows),
            firstColumn: elementsDone / width,
          });
        }
        elementsDone += elements;
      }
    }
    const tables = ropeTables(config.rope, config.maxContextTokens);
    new Float32Array(buffer, places.get('rope.cos').place.byteOffset).set(tables.cos);
    new Float32Array(buffer, places.get('rope.sin').place.byteOffset).set(tables.sin);
    return { places, buffer };
  } finally {
    await Promise.all(readers.map((reader) => reader.close()));
  }
}

/** The same checks by the files' headers alone, some milliseconds. Throws like `loadWeights`, SafetensorsError for a torn file. */
export async function checkWeights(directory: string, config: ModelConfig): Promise<void> {
  const readers = await openShards(directory);
  try {
    for (const [, { sources }] of new WeightPlaces(config, 'fp32').stored())
      for (const source of sources) checkTensor(holderOf(readers, source), source, directory);
  } finally {
    await Promise.all(readers.map((reader) => reader.close()));
  }
}

const holderOf = (readers: readonly SafetensorsReader[], { name }: SourceTensor): SafetensorsReader | undefined =>
  readers.find(({ places }) => places.has(name));

type FloatType = 'F32' | 'F16' | 'BF16';
const BYTES: Record<FloatType, number> = { F32: 4, F16: 2, BF16: 2 };

async function openShards(directory: string): Promise<SafetensorsReader[]> {
  const single = join(directory, 'model.safetensors');
  if (await exists(single)) return [await SafetensorsReader.open(single)];
  const index = await readOptionalJson(directory, 'model.safetensors.index.json');
  const map = index?.weight_map;
  if (!isObject(map))
    throw new ModelFolderError(
      `${directory} has neither model.safetensors nor a model.safetensors.index.json with a weight_map; other weight files (.bin, .gguf) are not read: save the model with save_pretrained(…, safe_serialization=True)`,
    );
  const readers: SafetensorsReader[] = [];
  try {
    for (const shard of new Set(Object.values(map).map(String))) {
      const path = join(directory, shard);
      if (!(await exists(path)))
        throw new ModelFolderError(`${directory} has no ${shard}, which model.safetensors.index.json names`);
      readers.push(await SafetensorsReader.open(path));
    }
    return readers;
  } catch (error) {
    await Promise.all(readers.map((reader) => reader.close()));
    throw error;
  }
}

function checkTensor(reader: SafetensorsReader | undefined, source: SourceTensor, directory: string): FloatType {
  const found = reader?.places.get(source.name);
  if (found === undefined)
    throw new ModelFolderError(
      `the checkpoint in ${directory} has no tensor ${source.name} [${source.shape}], which its config.json asks for`,
    );
  if (found.shape.length !== source.shape.length || found.shape.some((size, axis) => size !== source.shape[axis]))
    throw new ModelFolderError(
      `tensor ${source.name} in ${directory} is [${found.shape}], config.json asks for [${source.shape}]`,
    );
  if (!isFloatType(found.type))
    throw new ModelFolderError(
      `tensor ${source.name} in ${directory} is ${found.type}; the sampler reads ${Object.keys(BYTES).join(', ')}`,
    );
  return found.type;
}

function isFloatType(type: TensorType): type is FloatType {
  return type in BYTES;
}

/** Little-endian values of a checkpoint to fp32, exactly. */
function widen(bytes: Uint8Array, type: FloatType, target: Float32Array): void {
  const count = bytes.byteLength / BYTES[type];
  switch (type) {
    case 'F32':
      target.set(new Float32Array(bytes.buffer, bytes.byteOffset, count));
      return;
    case 'BF16': {
      const values = new Uint16Array(bytes.buffer, bytes.byteOffset, count);
      const bits = new Uint32Array(target.buffer, target.byteOffset, count);
      for (let i = 0; i < count; i++) bits[i] = (values[i] ?? 0) << 16;
      return;
    }
    case 'F16': {
      const values = new Uint16Array(bytes.buffer, bytes.byteOffset, count);
      const table = halfTable();
      for (let i = 0; i < count; i++) target[i] = table[values[i] ?? 0] ?? 0;
      return;
    }
  }
}

let halfValues: Float32Array | undefined;

/** Value of every fp16 bit pattern; a table is ten times faster than decoding each. */
function halfTable(): Float32Array {
  halfValues ??= Float32Array.from({ length: 65_536 }, (_, bits) => decodeHalf(bits));
  return halfValues;
}

/** IEEE 754 binary16. */
function decodeHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
