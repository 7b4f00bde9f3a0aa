/**
 * Reads model.safetensors, or the shards that model.safetensors.index.json names, into one shared fp32 buffer, with what bf16
 * left out of the weights of a training.
 */

import type { ModelConfig } from '../models/model-config.ts';
import { openRemainder } from '../models/remainder.ts';
import { ropeTables } from '../models/rope.ts';
import { closeAll, openWeightFiles, readTensor } from '../models/weight-files.ts';
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
  const readers = await openWeightFiles(directory);
  const remainder = await openRemainder(directory);
  try {
    const buffer = new SharedArrayBuffer(places.byteLength);
    const read = async (source: SourceTensor, target: Float32Array): Promise<void> => {
      await readTensor({ directory, readers, remainder }, source, target);
      const { factor = 1 } = source;
      if (factor !== 1) for (let i = 0; i < target.length; i++) target[i] = (target[i] ?? 0) * factor;
    };
    for (const [name, { type, shape, place, sources }] of places.stored()) {
      let elementsDone = 0;
      for (const source of sources) {
        const elements = source.shape.reduce((product, size) => product * size, 1);
        if (type === 'float32') {
          await read(
            source,
            new Float32Array(buffer, place.byteOffset + elementsDone * Float32Array.BYTES_PER_ELEMENT, elements),
          );
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
    await closeAll(remainder === undefined ? readers : [...readers, remainder]);
  }
}
