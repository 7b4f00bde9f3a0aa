/**
 * The decoder as an ONNX graph that appends: it reads the keys and values of the past and returns only those of the
 * tokens just fed. One graph serves prompt prefill (S tokens a row, past in the prefix), decoding (S = 1),
 * appended tool output and scoring.
 *
 * B rows of S tokens; each row belongs to a group that shares its prompt's KV ("prefix"), and has its own ("suffix").
 * Sizes that vary: B, S, P prefix places, M suffix places, NG groups of R places for rows, N positions read out.
 */

import type { ModelConfig } from '../../models/model-config.ts';
import type { WeightPlaces } from '../../models/weight-layout.ts';
import { GraphBuilder, type Value } from '../onnx/graph-builder.ts';
import { AttentionBuilder, attentionInputs } from './attention.ts';
import { LinearBuilder } from './linear.ts';
import { addReadout, SCALED_LOGITS } from './readout.ts';

export function buildDecoderGraph(config: ModelConfig, weights: WeightPlaces): Uint8Array {
  const graph = new GraphBuilder();
  const linears = new LinearBuilder(graph, weights);
  const weight = (name: string): Value => linears.weight(name);
  const linear = (x: Value, name: string, bias: boolean): Value => linears.add(x, name, { bias });
  const epsilon = { epsilon: { float: config.rmsNormEpsilon } };

  const embeddings = graph.input('embeddings', 'float32', ['B', 'S', config.hiddenSize]);
  const attention = new AttentionBuilder(graph, config, attentionInputs(graph, config), {
    cos: weight('rope.cos'),
    sin: weight('rope.sin'),
  });
  let residual = graph.op('Reshape', [embeddings, graph.ints([-1, config.hiddenSize])]);
  let delta: Value | undefined;
  /** Adds what the last block computed to the residual stream and normalises it. */
  const addAndNormalise = (name: string): Value => {
    if (delta === undefined)
      return graph.op('SimplifiedLayerNormalization', [residual, weight(`${name}.weight`)], {
        ...epsilon,
        axis: { int: -1 },
      });
    const inputs = [residual, delta, weight(`${name}.weight`)];
    const [normalised = '', , , sum = ''] = graph.ops(
      'SkipSimplifiedLayerNormalization',
      inputs,
      4,
      epsilon,
      'com.microsoft',
    );
    residual = sum;
    return normalised;
  };

  for (let layer = 0; layer < config.layers; layer++) {
    const name = `model.layers.${layer}`;
    const qkv = linear(addAndNormalise(`${name}.input_layernorm`), `${name}.self_attn.qkv_proj`, config.qkvBias);
    const norms = config.qkNorm
      ? { q: weight(`${name}.self_attn.q_norm.weight`), k: weight(`${name}.self_attn.k_norm.weight`) }
      : undefined;
    const context = attention.addLayer(layer, qkv, norms);
    delta = linear(context, `${name}.self_attn.o_proj`, config.attentionOutputBias);
    const normalised = addAndNormalise(`${name}.post_attention_layernorm`);
    const gate = linear(normalised, `${name}.mlp.gate_proj`, false);
    const up = linear(normalised, `${name}.mlp.up_proj`, false);
    const silu = graph.contribOp('QuickGelu', [gate], { alpha: { float: 1 } });
    delta = linear(graph.op('Mul', [silu, up]), `${name}.mlp.down_proj`, false);
  }

  const readPlaces = graph.input('read_places', 'int64', ['N']);
  const last = graph.op('Add', [residual, delta ?? residual]);
  const read = graph.op('Gather', [last, readPlaces], { axis: { int: 0 } });
  const normalised = graph.op('SimplifiedLayerNormalization', [read, weight('model.norm.weight')], {
    ...epsilon,
    axis: { int: -1 },
  });
  // Before the head, where a row is short.
  const inverseTemperature = graph.input('inverse_temperature', 'float32', ['N', 1]);
  const scaled = graph.op('Mul', [normalised, inverseTemperature]);
  const output = { name: SCALED_LOGITS, shape: ['N', config.vocabSize] };
  addReadout(graph, linears.add(scaled, 'lm_head', { rows: 'read', output }), config.vocabSize);
  return graph.finish(`decoder-${config.family}`);
}
