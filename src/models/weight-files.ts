/** The weight files of a model folder: model.safetensors, or the shards that its index names. No other file is weights. */
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { SafetensorsReader } from '../formats/safetensors-file.ts';
import { shown } from '../formats/shown.ts';
import { FLOAT_BYTES, type FloatType, isFloatType, widen } from './float-values.ts';
import { isObject, ModelFolderError, readOptionalJson } from './model-files.ts';
import { addRemainder } from './remainder.ts';

/** Every shard is held open. */
const MAX_SHARDS = 1000;
const SHARD_NAME = /^[^/\\\p{Cc}]+\.safetensors$/u;

/** Open files; close them when done. Throws ModelFolderError for missing ones, SafetensorsError for torn ones. */
export async function openWeightFiles(directory: string): Promise<SafetensorsReader[]> {
  const readers: SafetensorsReader[] = [];
  try {
    for (const file of await weightFiles(directory)) readers.push(await SafetensorsReader.open(join(directory, file)));
    return readers;
  } catch (error) {
    await closeAll(readers);
    throw error;
  }
}

export async function closeAll(readers: readonly SafetensorsReader[]): Promise<void> {
  await Promise.all(readers.map((reader) => reader.close()));
}

async function weightFiles(directory: string): Promise<string[]> {
  if (await exists(join(directory, 'model.safetensors'))) return ['model.safetensors'];
  const map = (await readOptionalJson(directory, 'model.safetensors.index.json'))?.weight_map;
  if (!isObject(map))
    throw new ModelFolderError(
      `${directory} has neither model.safetensors nor a model.safetensors.index.json with a weight_map; other weight files (.bin, .gguf) are not read: save the model with save_pretrained(…, safe_serialization=True)`,
    );
  const shards = [...new Set(Object.values(map))].filter((name) => typeof name === 'string');
  const index = join(directory, 'model.safetensors.index.json');
  if (shards.length > MAX_SHARDS)
    throw new ModelFolderError(`${index} names ${shards.length} files; at most ${MAX_SHARDS} are opened`);
  for (const shard of shards) {
    if (!SHARD_NAME.test(shard))
      throw new ModelFolderError(
        `${index} names the file "${shown(shard)}"; it has to be a *.safetensors of the same folder`,
      );
    if (!(await exists(join(directory, shard))))
      throw new ModelFolderError(`${directory} has no ${shard}, which model.safetensors.index.json names`);
  }
  return shards;
}

export const holderOf = (readers: readonly SafetensorsReader[], name: string): SafetensorsReader | undefined =>
  readers.find(({ places }) => places.has(name));

/** A tensor's number type, after a check of its shape. Throws ModelFolderError if it is missing or another than asked for. */
export function checkTensor(
  reader: SafetensorsReader | undefined,
  name: string,
  shape: readonly number[],
  directory: string,
): FloatType {
  const found = reader?.places.get(name);
  if (found === undefined)
    throw new ModelFolderError(
      `the checkpoint in ${directory} has no tensor ${name} [${shape}], which its config.json asks for`,
    );
  if (found.shape.length !== shape.length || found.shape.some((size, axis) => size !== shape[axis]))
    throw new ModelFolderError(`tensor ${name} in ${directory} is [${found.shape}], config.json asks for [${shape}]`);
  if (!isFloatType(found.type))
    throw new ModelFolderError(
      `tensor ${name} in ${directory} is stored as ${found.type}; weights are read as ${Object.keys(FLOAT_BYTES).join(', ')}: take the original weights, or dequantize the checkpoint and save it again`,
    );
  return found.type;
}

export interface OpenWeights {
  readonly directory: string;
  readonly readers: readonly SafetensorsReader[];
  /** What bf16 left out of the weights. */
  readonly remainder?: SafetensorsReader | undefined;
}

/** Fills `target` with the tensor's values. @throws ModelFolderError as `checkTensor` */
export async function readTensor(
  { directory, readers, remainder }: OpenWeights,
  { name, shape }: { readonly name: string; readonly shape: readonly number[] },
  target: Float32Array,
): Promise<void> {
  const reader = holderOf(readers, name);
  const type = checkTensor(reader, name, shape, directory);
  await reader?.stream(name, (bytes, at) => widen(bytes, type, target.subarray(at / FLOAT_BYTES[type])));
  if (type !== 'BF16' || remainder?.places.has(name) !== true) return;
  await remainder.stream(name, (bytes, at) => {
    const [first, count] = [at / FLOAT_BYTES[type], bytes.byteLength / FLOAT_BYTES[type]];
    addRemainder(bytes, target.subarray(first, first + count));
  });
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
