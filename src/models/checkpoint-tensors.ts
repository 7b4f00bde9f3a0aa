/** The tensors of a checkpoint by the names that transformers gives them: the one list that sampler, trainer and costs read. */
import type { ModelConfig } from './model-config.ts';

export const EMBEDDING = 'model.embed_tokens.weight';
export const FINAL_NORM = 'model.norm.weight';
export const HEAD = 'lm_head.weight';

export const layerName = (layer: number): string => `model.layers.${layer}`;

/**
 * Names and shapes, matrices as `[out, in]`, in the order of the layers; without the head where it is the embedding.
 *
 * @example
 * checkpointTensors(config).get('model.layers.0.self_attn.q_proj.weight'); // [heads * headDim, hiddenSize]
 */
export function checkpointTensors(config: ModelConfig): Map<string, readonly number[]> {
  const { hiddenSize, ffnSize, heads, kvHeads, headDim, vocabSize } = config;
  const [queryWidth, kvWidth] = [heads * headDim, kvHeads * headDim];
  const tensors = new Map<string, readonly number[]>([[EMBEDDING, [vocabSize, hiddenSize]]]);
  for (let layer = 0; layer < config.layers; layer++) {
    const add = (part: string, ...shape: number[]): void => void tensors.set(`${layerName(layer)}.${part}`, shape);
    const projection = (part: string, out: number, into: number, bias: boolean): void => {
      add(`${part}.weight`, out, into);
      if (bias) add(`${part}.bias`, out);
    };
    add('input_layernorm.weight', hiddenSize);
    projection('self_attn.q_proj', queryWidth, hiddenSize, config.qkvBias);
    projection('self_attn.k_proj', kvWidth, hiddenSize, config.qkvBias);
    projection('self_attn.v_proj', kvWidth, hiddenSize, config.qkvBias);
    if (config.qkNorm) for (const part of ['q_norm', 'k_norm']) add(`self_attn.${part}.weight`, headDim);
    projection('self_attn.o_proj', hiddenSize, queryWidth, config.attentionOutputBias);
    add('post_attention_layernorm.weight', hiddenSize);
    projection('mlp.gate_proj', ffnSize, hiddenSize, false);
    projection('mlp.up_proj', ffnSize, hiddenSize, false);
    projection('mlp.down_proj', hiddenSize, ffnSize, false);
  }
  tensors.set(FINAL_NORM, [hiddenSize]);
  if (!config.tiedHead) tensors.set(HEAD, [vocabSize, hiddenSize]);
  return tensors;
}

/** Weights of the model, a tied head counted once. */
export function countParameters(config: ModelConfig): number {
  let parameters = 0;
  for (const shape of checkpointTensors(config).values())
    parameters += shape.reduce((product, size) => product * size, 1);
  return parameters;
}
