/** The config.json of a model that is never run: what tests need where a folder has to hold one. */
export const tinyModelConfig = (change: Readonly<Record<string, unknown>> = {}): Record<string, unknown> => ({
  model_type: 'llama',
  vocab_size: 16,
  hidden_size: 16,
  intermediate_size: 16,
  num_hidden_layers: 1,
  num_attention_heads: 2,
  max_position_embeddings: 512,
  tie_word_embeddings: true,
  ...change,
});
