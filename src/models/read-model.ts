/** A model folder as its weights really are: the configuration and, by file, the tensors that belong to the model. */
import { relative } from 'node:path';
import type { SafetensorsReader } from '../formats/safetensors-file.ts';
import { checkpointTensors, EMBEDDING, HEAD } from './checkpoint-tensors.ts';
import { FLOAT_BYTES, widen } from './float-values.ts';
import { type ModelConfig, readModelConfig } from './model-config.ts';
import { checkTensor, closeAll, holderOf, openWeightFiles } from './weight-files.ts';

export interface ModelFolder {
  readonly config: ModelConfig;
  /** Names of tensors by weight file. */
  readonly files: Readonly<Record<string, readonly string[]>>;
}

/**
 * Reads config.json and the headers of the weight files, milliseconds for any size, and checks every tensor's shape and
 * type. A head that is stored although config.json ties it to the embedding counts where it differs, as in transformers 5.
 * Throws ModelFolderError that names the file or the tensor, SafetensorsError for a torn file.
 */
export async function readModel(directory: string): Promise<ModelFolder> {
  const declared = await readModelConfig(directory);
  const readers = await openWeightFiles(directory);
  try {
    const tiedHead = declared.tiedHead && !(await storesAnotherHead(readers, declared, directory));
    const config = { ...declared, tiedHead };
    const files: Record<string, string[]> = {};
    for (const [name, shape] of checkpointTensors(config)) {
      const reader = holderOf(readers, name);
      checkTensor(reader, name, shape, directory);
      if (reader !== undefined) {
        const file = relative(directory, reader.path);
        files[file] = [...(files[file] ?? []), name];
      }
    }
    return { config, files };
  } finally {
    await closeAll(readers);
  }
}

/** Values that are compared at once. */
const PIECE = 2 ** 21;

/** Whether a head is stored whose values are not those of the embedding. */
async function storesAnotherHead(
  readers: readonly SafetensorsReader[],
  { vocabSize, hiddenSize }: ModelConfig,
  directory: string,
): Promise<boolean> {
  const [head, embedding] = [holderOf(readers, HEAD), holderOf(readers, EMBEDDING)];
  if (head === undefined || embedding === undefined) return false;
  const shape = [vocabSize, hiddenSize];
  const types = {
    head: checkTensor(head, HEAD, shape, directory),
    embedding: checkTensor(embedding, EMBEDDING, shape, directory),
  };
  const others = embedding.chunks(EMBEDDING, PIECE * FLOAT_BYTES[types.embedding]);
  for await (const bytes of head.chunks(HEAD, PIECE * FLOAT_BYTES[types.head])) {
    const { value: other } = await others.next();
    if (other === undefined) return true;
    if (types.head === types.embedding) {
      if (Buffer.compare(bytes, other) !== 0) return true;
      continue;
    }
    const values = new Float32Array(bytes.byteLength / FLOAT_BYTES[types.head]);
    const otherValues = new Float32Array(values.length);
    widen(bytes, types.head, values);
    widen(other, types.embedding, otherValues);
    if (values.some((value, index) => value !== otherValues[index])) return true;
  }
  return false;
}
