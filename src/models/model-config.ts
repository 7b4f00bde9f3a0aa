/** A model's config.json in one form for all families: what sampler, trainer and cost estimate know of a model. */
import { join } from 'node:path';
import { shown, shownJson } from '../formats/shown.ts';
import { MODEL_FAMILIES, MODEL_FAMILY_NAMES, type ModelFamilyName } from './families/table.ts';
import { isObject, type JsonObject, ModelFolderError, readRequiredJson } from './model-files.ts';
import { type RopeConfig, ropeConfig } from './rope.ts';
import { readRopeSettings } from './rope-settings.ts';

export interface ModelConfig {
  readonly family: ModelFamilyName;
  readonly layers: number;
  readonly hiddenSize: number;
  readonly ffnSize: number;
  readonly heads: number;
  /** Divides `heads`; fewer than `heads` means grouped-query attention. */
  readonly kvHeads: number;
  readonly headDim: number;
  readonly vocabSize: number;
  /** The output head is the embedding matrix. */
  readonly tiedHead: boolean;
  readonly rmsNormEpsilon: number;
  readonly qkvBias: boolean;
  readonly attentionOutputBias: boolean;
  /** RMS norm on each head of q and k before RoPE (Qwen3). */
  readonly qkNorm: boolean;
  /** Longest sequence, prompt and new tokens together. */
  readonly maxContextTokens: number;
  readonly rope: RopeConfig;
}

/** Some times the largest of published models. Tables of these sizes are made before any weight is read. */
const MAX_SIZES = {
  max_position_embeddings: 2 ** 22,
  num_attention_heads: 2 ** 12,
  num_key_value_heads: 2 ** 12,
  hidden_size: 2 ** 18,
  head_dim: 2 ** 13,
  num_hidden_layers: 2 ** 12,
  intermediate_size: 2 ** 20,
  vocab_size: 2 ** 23,
} as const;

type SizeName = keyof typeof MAX_SIZES;

/** Throws ModelFolderError like `parseModelConfig`, and for a folder without a config.json. */
export async function readModelConfig(directory: string): Promise<ModelConfig> {
  const json = await readRequiredJson(directory, 'config.json', 'the architecture of the model');
  return parseModelConfig(json, join(directory, 'config.json'));
}

export const isKnownFamily = (config: JsonObject): boolean =>
  MODEL_FAMILY_NAMES.some((name) => name === config.model_type);

/**
 * Throws ModelFolderError that names the field for every configuration that isn't computed exactly.
 *
 * @example
 * parseModelConfig(JSON.parse(text), '/models/tiny/config.json').headDim;
 */
export function parseModelConfig(json: JsonObject, file: string): ModelConfig {
  const refuse = (what: string, allowed: string): never => {
    throw new ModelFolderError(`${file}: ${what} is not supported; ${allowed}`);
  };
  const size = (name: SizeName, fallback?: number): number => {
    const value = json[name] ?? fallback;
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value <= 0)
      throw new ModelFolderError(`${file}: ${name} is ${shownJson(value)}; it has to be a positive integer`);
    if (value > MAX_SIZES[name])
      throw new ModelFolderError(`${file}: ${name} is ${value}; at most ${MAX_SIZES[name]} are supported`);
    return value;
  };
  const name = MODEL_FAMILY_NAMES.find((known) => known === json.model_type);
  if (name === undefined)
    return refuse(`model_type ${shownJson(json.model_type)}`, `known are ${MODEL_FAMILY_NAMES.join(', ')}`);
  refuseOtherComputation(json, refuse);
  const family = MODEL_FAMILIES[name];
  const { defaults } = family;
  const maxPositions = size('max_position_embeddings', defaults.maxPositions);
  const window = family.slidingWindow(json);
  if (window === undefined && Array.isArray(json.layer_types) && json.layer_types.includes('sliding_attention'))
    refuse('layer_types with sliding_attention but without a sliding_window in use', 'name all layers full_attention');
  if (window !== undefined && window < maxPositions)
    refuse(
      `sliding_window = ${window} (sliding-window attention)`,
      `set it to null and max_position_embeddings (now ${maxPositions}) to at most ${window}: inside the window both are the same`,
    );
  const heads = size('num_attention_heads');
  // null is no default: it says that there are as many as heads.
  const kvHeads = size('num_key_value_heads', json.num_key_value_heads === null ? heads : (defaults.kvHeads ?? heads));
  const hiddenSize = size('hidden_size');
  const headDim = size('head_dim', defaults.headDim ?? hiddenSize / heads);
  if (heads % kvHeads !== 0) refuse(`num_key_value_heads ${kvHeads}`, `it has to divide num_attention_heads ${heads}`);
  if (headDim % 8 !== 0) refuse(`head_dim ${headDim}`, 'it has to be a multiple of 8');
  const epsilon = json.rms_norm_eps ?? 1e-6;
  if (typeof epsilon !== 'number') return refuse(`rms_norm_eps ${shownJson(epsilon)}`, 'it has to be a number');
  const biases = family.biases(json);
  return {
    family: name,
    layers: size('num_hidden_layers'),
    hiddenSize,
    ffnSize: size('intermediate_size'),
    heads,
    kvHeads,
    headDim,
    vocabSize: size('vocab_size'),
    tiedHead: json.tie_word_embeddings === true,
    rmsNormEpsilon: epsilon,
    qkvBias: biases.qkv,
    attentionOutputBias: biases.output,
    qkNorm: family.qkNorm,
    maxContextTokens: maxPositions,
    rope: ropeConfig(readRopeSettings(json, file, maxPositions), headDim),
  };
}

/** Settings that change what a decoder computes, in whatever family they turn up. */
function refuseOtherComputation(json: JsonObject, refuse: (what: string, allowed: string) => never): void {
  for (const name of ['num_experts', 'num_local_experts', 'n_routed_experts'])
    if (typeof json[name] === 'number' && json[name] > 0)
      refuse(`${name} = ${json[name]} (mixture of experts)`, 'only dense models run');
  const quantization = json.quantization_config;
  if (quantization !== undefined && quantization !== null) {
    const { quant_method: method, bits } = isObject(quantization) ? quantization : {};
    const kind = typeof method === 'string' ? shown(method) : typeof bits === 'number' ? `${bits} bits` : 'unnamed';
    refuse(
      `a quantized checkpoint (quantization_config: ${kind})`,
      'take the original weights in bfloat16, float16 or float32, or dequantize the checkpoint and save it again; leaving the entry out does not change what the weight files hold',
    );
  }
  for (const name of ['attn_logit_softcapping', 'final_logit_softcapping', 'per_layer_config'])
    if (json[name] !== undefined && json[name] !== null) refuse(name, 'only models without it run');
  // transformers' logit scales of other families: 1 changes nothing.
  for (const name of ['logits_scaling', 'logit_scale'])
    if (json[name] !== undefined && json[name] !== null && json[name] !== 1) refuse(name, 'it has to be 1');
  if (json.mlp_bias === true) refuse('mlp_bias = true', 'it has to be false');
  const activation = json.hidden_act ?? 'silu';
  if (activation !== 'silu') refuse(`hidden_act ${shownJson(activation)}`, 'it has to be "silu"');
  const types = json.layer_types;
  if (types === undefined || types === null) return;
  const known = ['full_attention', 'attention', 'sliding_attention'];
  if (!Array.isArray(types) || types.length !== json.num_hidden_layers || types.some((type) => !known.includes(type)))
    refuse(
      `layer_types ${shownJson(types)}`,
      `it has to name one of full_attention and sliding_attention for each of the ${json.num_hidden_layers} layers`,
    );
}
