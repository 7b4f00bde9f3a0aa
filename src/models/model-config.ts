/** What the decoder graph needs to know of a model, read from the config.json of transformers. */
import { type JsonObject, ModelFolderError, readRequiredJson } from './model-files.ts';
import { type RopeConfig, readRopeConfig } from './rope.ts';

export const MODEL_FAMILIES = ['llama', 'mistral', 'qwen2', 'qwen3'] as const;
export type ModelFamily = (typeof MODEL_FAMILIES)[number];

export interface ModelConfig {
  readonly family: ModelFamily;
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

/** Throws ModelFolderError that names the field for every configuration that the graph doesn't compute exactly. */
export async function readModelConfig(directory: string): Promise<ModelConfig> {
  const json = await readRequiredJson(directory, 'config.json', 'the architecture of the model');
  return parseModelConfig(json, `${directory}/config.json`);
}

export function parseModelConfig(json: JsonObject, file: string): ModelConfig {
  const refuse = (what: string, allowed: string): never => {
    throw new ModelFolderError(`${file}: ${what} is not supported by the sampler; ${allowed}`);
  };
  const size = (name: string, fallback?: number): number => {
    const value = json[name] ?? fallback;
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value <= 0)
      throw new ModelFolderError(`${file}: ${name} is ${JSON.stringify(value)}; it has to be a positive integer`);
    return value;
  };
  const family = MODEL_FAMILIES.find((name) => name === json.model_type);
  if (family === undefined)
    return refuse(`model_type ${JSON.stringify(json.model_type)}`, `it runs ${MODEL_FAMILIES.join(', ')}`);
  for (const name of ['num_experts', 'num_local_experts', 'n_routed_experts'])
    if (typeof json[name] === 'number' && json[name] > 0)
      refuse(`${name} = ${json[name]} (mixture of experts)`, 'only dense models run');
  for (const name of ['attn_logit_softcapping', 'final_logit_softcapping', 'quantization_config'])
    if (json[name] !== undefined && json[name] !== null) refuse(name, 'leave it out');
  if (json.mlp_bias === true) refuse('mlp_bias = true', 'it has to be false');
  const activation = json.hidden_act ?? 'silu';
  if (activation !== 'silu') refuse(`hidden_act ${JSON.stringify(activation)}`, 'it has to be "silu"');
  const partial = json.partial_rotary_factor ?? 1;
  if (partial !== 1) refuse(`partial_rotary_factor ${partial}`, 'it has to be 1');

  const maxPositions = size('max_position_embeddings', 2048);
  const window = activeSlidingWindow(json, family);
  if (window !== undefined && window < maxPositions)
    refuse(
      `sliding_window = ${window} (sliding-window attention)`,
      `set it to null and max_position_embeddings (now ${maxPositions}) to at most ${window}: inside the window both are the same`,
    );
  const heads = size('num_attention_heads');
  const kvHeads = size('num_key_value_heads', heads);
  const hiddenSize = size('hidden_size');
  const headDim = size('head_dim', hiddenSize / heads);
  if (heads % kvHeads !== 0) refuse(`num_key_value_heads ${kvHeads}`, `it has to divide num_attention_heads ${heads}`);
  if (headDim % 8 !== 0) refuse(`head_dim ${headDim}`, 'it has to be a multiple of 8');
  const attentionBias = json.attention_bias === true;
  return {
    family,
    layers: size('num_hidden_layers'),
    hiddenSize,
    ffnSize: size('intermediate_size'),
    heads,
    kvHeads,
    headDim,
    vocabSize: size('vocab_size'),
    tiedHead: json.tie_word_embeddings === true,
    rmsNormEpsilon: typeof json.rms_norm_eps === 'number' ? json.rms_norm_eps : 1e-6,
    qkvBias: family === 'qwen2' || attentionBias,
    attentionOutputBias: family !== 'qwen2' && attentionBias,
    qkNorm: family === 'qwen3',
    maxContextTokens: maxPositions,
    rope: readRopeConfig(json, file, { headDim, maxPositions }),
  };
}

/** The window that some layer really uses: Qwen names one even where `use_sliding_window` turns it off. */
function activeSlidingWindow(json: JsonObject, family: ModelFamily): number | undefined {
  const window = json.sliding_window;
  if (typeof window !== 'number') return undefined;
  if (family !== 'mistral' && json.use_sliding_window !== true) return undefined;
  return window;
}
