/** From a model folder to what an inference thread needs: the graph and the weights that it refers to. */

import { EMBEDDING } from '../models/checkpoint-tensors.ts';
import type { ModelConfig } from '../models/model-config.ts';
import type { SamplerCompute } from '../models/weight-layout.ts';
import type { DecoderModel } from './engine/decoder-session.ts';
import { buildDecoderGraph } from './graph/decoder.ts';
import { loadWeights } from './weights.ts';

/** Throws ModelFolderError for weights that are not those of `config`. */
export async function loadDecoderModel(
  directory: string,
  config: ModelConfig,
  compute: SamplerCompute,
): Promise<DecoderModel> {
  const weights = await loadWeights(directory, config, compute);
  return {
    graph: buildDecoderGraph(config, weights.places),
    weights: weights.buffer,
    layers: config.layers,
    heads: config.heads,
    kvHeads: config.kvHeads,
    hiddenSize: config.hiddenSize,
    embeddingByteOffset: weights.places.get(EMBEDDING).place.byteOffset,
  };
}
