import { describe, expect, it } from 'vitest';
import { TESTBED_MODEL_CONFIG } from '../../../src/datasets/testbed/model.ts';
import { checkpointTensors, countParameters } from '../../../src/models/checkpoint-tensors.ts';
import { parseModelConfig } from '../../../src/models/model-config.ts';
import { tinyModelConfig } from '../../support/model-config.ts';

const parse = (change: Record<string, unknown>) => parseModelConfig(tinyModelConfig(change), 'config.json');

describe('the tensors of a checkpoint', () => {
  it('of the testbed have 533,120 numbers', () => {
    expect(countParameters(parseModelConfig(TESTBED_MODEL_CONFIG, 'testbed'))).toBe(533_120);
  });

  it('of Qwen2.5-0.5B have 494,032,768 numbers, biases included', () => {
    const config = parse({
      model_type: 'qwen2',
      vocab_size: 151_936,
      hidden_size: 896,
      intermediate_size: 4864,
      num_hidden_layers: 24,
      num_attention_heads: 14,
      num_key_value_heads: 2,
    });
    expect(countParameters(config)).toBe(494_032_768);
  });

  it('of Qwen3-0.6B have 596,049,920 numbers, norms of the heads included', () => {
    const config = parse({
      model_type: 'qwen3',
      vocab_size: 151_936,
      hidden_size: 1024,
      intermediate_size: 3072,
      num_hidden_layers: 28,
      num_attention_heads: 16,
      num_key_value_heads: 8,
      head_dim: 128,
    });
    expect(countParameters(config)).toBe(596_049_920);
  });

  it('have biases and norms where the family has them', () => {
    const names = (change: Record<string, unknown>) =>
      [...checkpointTensors(parse(change)).keys()].filter((name) => /bias|q_norm|lm_head/.test(name)).sort();
    expect(names({ model_type: 'mistral', attention_bias: true, num_key_value_heads: 1 })).toEqual([]);
    expect(names({ model_type: 'llama', attention_bias: true })).toHaveLength(4);
    expect(names({ model_type: 'qwen2', num_key_value_heads: 2 })).toHaveLength(3);
    expect(names({ model_type: 'qwen3', num_key_value_heads: 2, head_dim: 8, tie_word_embeddings: false })).toEqual([
      'lm_head.weight',
      'model.layers.0.self_attn.q_norm.weight',
    ]);
  });
});
