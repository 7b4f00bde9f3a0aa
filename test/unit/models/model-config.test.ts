import { describe, expect, it } from 'vitest';
import { parseModelConfig } from '../../../src/models/model-config.ts';
import { ModelFolderError } from '../../../src/models/model-files.ts';

const LLAMA = {
  model_type: 'llama',
  hidden_size: 64,
  intermediate_size: 160,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  vocab_size: 331,
  max_position_embeddings: 512,
  rms_norm_eps: 1e-5,
  tie_word_embeddings: true,
};

describe('parseModelConfig', () => {
  it.each([
    [{ model_type: 'gemma2' }, /model_type "gemma2" is not supported.*llama, mistral, qwen2, qwen3/],
    [{ num_local_experts: 8 }, /num_local_experts = 8 \(mixture of experts\)/],
    [{ model_type: 'mistral', sliding_window: 256 }, /sliding_window = 256/],
    [{ model_type: 'mistral', max_position_embeddings: 8192 }, /sliding_window = 4096/],
    [
      { model_type: 'qwen2', sliding_window: 256, use_sliding_window: true, max_window_layers: 1 },
      /sliding_window = 256/,
    ],
    [
      {
        model_type: 'qwen3',
        sliding_window: 256,
        use_sliding_window: true,
        layer_types: ['full_attention', 'sliding_attention'],
      },
      /sliding_window = 256/,
    ],
    [
      { model_type: 'qwen2', layer_types: ['full_attention', 'sliding_attention'] },
      /layer_types with sliding_attention/,
    ],
    [{ layer_types: ['full_attention'] }, /layer_types \["full_attention"\].*each of the 2 layers/],
    [{ layer_types: ['full_attention', 'linear_attention'] }, /layer_types .*linear_attention/],
    [{ rope_scaling: { rope_type: 'longrope', factor: 2 } }, /RoPE type "longrope".*default, linear, llama3, yarn/],
    [
      { rope_parameters: { rope_type: 'linear' } },
      /factor of rope_parameters is undefined; it has to be a positive number/,
    ],
    [{ hidden_act: 'gelu' }, /hidden_act "gelu"/],
    [{ mlp_bias: true }, /mlp_bias/],
    [{ quantization_config: { bits: 4 } }, /quantization_config: 4 bits.*original weights/],
    [{ quantization_config: { quant_method: 'fp8' } }, /quantization_config: fp8.*dequantize/],
    [{ rms_norm_eps: '1e-5' }, /rms_norm_eps "1e-5"/],
    [{ final_logit_softcapping: 30 }, /final_logit_softcapping/],
    [{ partial_rotary_factor: 0.5 }, /partial_rotary_factor 0\.5/],
    [{ head_dim: 20 }, /head_dim 20 .*multiple of 8/],
    [{ num_key_value_heads: 3 }, /num_key_value_heads 3 .*divide/],
    [{ hidden_size: undefined }, /hidden_size is undefined; it has to be a positive integer/],
  ])('refuses %j by name', (change, message) => {
    const parse = () => parseModelConfig({ ...LLAMA, ...change }, 'config.json');
    expect(parse).toThrow(ModelFolderError);
    expect(parse).toThrow(message);
  });

  it.each([
    { model_type: 'mistral', sliding_window: 512 },
    { model_type: 'mistral', sliding_window: null },
    { model_type: 'qwen2', sliding_window: 256, use_sliding_window: false },
    { model_type: 'qwen2', sliding_window: 64, use_sliding_window: true, max_window_layers: 28 },
    {
      model_type: 'qwen3',
      sliding_window: 64,
      use_sliding_window: true,
      max_window_layers: 0,
      layer_types: ['full_attention', 'full_attention'],
    },
  ])('accepts a sliding window without effect: %j', (change) => {
    expect(parseModelConfig({ ...LLAMA, ...change }, 'config.json').maxContextTokens).toBe(512);
  });

  it('reads RoPE the same from rope_scaling and rope_parameters', () => {
    const scaling = { factor: 8, low_freq_factor: 1, high_freq_factor: 4, original_max_position_embeddings: 64 };
    const old = parseModelConfig({ ...LLAMA, rope_theta: 500, rope_scaling: { ...scaling, type: 'llama3' } }, 'old');
    const now = { ...scaling, rope_type: 'llama3', rope_theta: 500 };
    expect(parseModelConfig({ ...LLAMA, rope_parameters: now }, 'new')).toEqual(old);
  });
});
