/** A tiny model as a folder, and the same spoilt in every way that a copy goes wrong. */
import { mkdir, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { float32Tensor, type TensorView, writeSafetensors } from '../../../../src/formats/safetensors.ts';

const CONFIG = {
  model_type: 'llama',
  vocab_size: 16,
  hidden_size: 16,
  intermediate_size: 16,
  num_hidden_layers: 1,
  num_attention_heads: 2,
  max_position_embeddings: 256,
  tie_word_embeddings: true,
  eos_token_id: 1,
};

const LAYER = 'model.layers.0';
const MATRICES = ['q_proj', 'k_proj', 'v_proj', 'o_proj'].map((name) => `${LAYER}.self_attn.${name}.weight`);
const FEED_FORWARD = ['gate_proj', 'up_proj', 'down_proj'].map((name) => `${LAYER}.mlp.${name}.weight`);
const NORMS = [`${LAYER}.input_layernorm.weight`, `${LAYER}.post_attention_layernorm.weight`, 'model.norm.weight'];

/** As transformers stores the model of the configuration above. */
const SHAPES: Readonly<Record<string, readonly number[]>> = {
  'model.embed_tokens.weight': [16, 16],
  ...Object.fromEntries([...MATRICES, ...FEED_FORWARD].map((name) => [name, [16, 16]])),
  ...Object.fromEntries(NORMS.map((name) => [name, [16]])),
};

interface Spoiling {
  readonly config?: Readonly<Record<string, unknown>>;
  /** Left out of the weights. */
  readonly without?: string;
  /** Stored with a row less. */
  readonly misshapen?: string;
  readonly tokens?: number;
  readonly truncatedTo?: number;
}

/** Writes the folder and returns its path. */
export async function writeModelFolder(folder: string, spoiling: Spoiling = {}): Promise<string> {
  await mkdir(folder, { recursive: true });
  const tensors = new Map(
    Object.entries(SHAPES).flatMap(([name, [rows = 0, ...rest]]): [string, TensorView][] => {
      if (name === spoiling.without) return [];
      const shape = [name === spoiling.misshapen ? rows - 1 : rows, ...rest];
      return [[name, float32Tensor(new Float32Array(shape.reduce((product, size) => product * size, 1)), shape)]];
    }),
  );
  const weights = join(folder, 'model.safetensors');
  await writeFile(weights, writeSafetensors(tensors));
  if (spoiling.truncatedTo !== undefined) await truncate(weights, spoiling.truncatedTo);
  await writeFile(join(folder, 'config.json'), JSON.stringify({ ...CONFIG, ...spoiling.config }));
  await writeFile(join(folder, 'tokenizer.json'), JSON.stringify(tokenizer(spoiling.tokens ?? CONFIG.vocab_size)));
  await writeFile(join(folder, 'tokenizer_config.json'), JSON.stringify({ eos_token: 't1' }));
  return folder;
}

function tokenizer(tokens: number) {
  const vocab = Object.fromEntries(Array.from({ length: tokens }, (_, id) => [`t${id}`, id]));
  return {
    version: '1.0',
    added_tokens: [],
    normalizer: null,
    pre_tokenizer: { type: 'Whitespace' },
    post_processor: null,
    decoder: null,
    model: { type: 'WordLevel', vocab, unk_token: 't0' },
  };
}
