/**
 * Writes a Llama model as ONNX in the layout of hub exports: `input_ids`, `attention_mask` and the whole past in,
 * `logits` and the whole present out, with the GroupQueryAttention kernel. `export-hub-onnx.ts MODEL OUT`
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EMBEDDING } from '../../../src/models/checkpoint-tensors.ts';
import { readModelConfig } from '../../../src/models/model-config.ts';
import { GraphBuilder, type Value, WEIGHTS_PATH } from '../../../src/sampler/onnx/graph-builder.ts';
import { loadWeights } from '../../../src/sampler/weights.ts';

const INT32 = 6;
const [model = '', out = ''] = process.argv.slice(2);
const config = await readModelConfig(model);
if (config.family !== 'llama') throw new Error(`only Llama models are exported for the bench, not ${config.family}`);
const { heads, kvHeads, headDim } = config;
const { places, buffer } = await loadWeights(model, config, 'fp32');
const graph = new GraphBuilder();
const weight = (name: string): Value => graph.weight(name, 'float32', places.get(name).shape, places.get(name).place);
const norm = (x: Value, name: string): Value =>
  graph.op('SimplifiedLayerNormalization', [x, weight(`${name}.weight`)], {
    epsilon: { float: config.rmsNormEpsilon },
    axis: { int: -1 },
  });
const linear = (x: Value, name: string): Value => {
  const transposed = graph.op('Transpose', [weight(`${name}.weight`)], { perm: { ints: [1, 0] } });
  return graph.op('MatMul', [x, transposed]);
};

const ids = graph.input('input_ids', 'int64', ['batch_size', 'S']);
const mask = graph.input('attention_mask', 'int64', ['batch_size', 'T']);
const toInt32 = (x: Value): Value => graph.op('Cast', [x], { to: { int: INT32 } });
const lengths = graph.op('ReduceSum', [mask, graph.ints([1])], { keepdims: { int: 0 } });
const lastPlaces = toInt32(graph.op('Sub', [lengths, graph.ints([1])]));
const maskLength = graph.op('Shape', [mask], { start: { int: 1 }, end: { int: 2 } });
const total = toInt32(graph.op('Squeeze', [maskLength]));
const [cos, sin] = [weight('rope.cos'), weight('rope.sin')];
let x = graph.op('Gather', [weight(EMBEDDING), ids]);
for (let layer = 0; layer < config.layers; layer++) {
  const name = `model.layers.${layer}`;
  const qkv = linear(norm(x, `${name}.input_layernorm`), `${name}.self_attn.qkv_proj`);
  const sizes = graph.ints([heads * headDim, kvHeads * headDim, kvHeads * headDim]);
  const [q = '', k = '', v = ''] = graph.ops('Split', [qkv, sizes], 3, { axis: { int: 2 } });
  const [pastKey = '', pastValue = ''] = ['key', 'value'].map((kind) =>
    graph.input(`past_key_values.${layer}.${kind}`, 'float32', [
      'batch_size',
      kvHeads,
      'past_sequence_length',
      headDim,
    ]),
  );
  const [attended = '', key = '', value = ''] = graph.ops(
    'GroupQueryAttention',
    [q, k, v, pastKey, pastValue, lastPlaces, total, cos, sin],
    3,
    // The weights of q carry the scale of the scores.
    { num_heads: { int: heads }, kv_num_heads: { int: kvHeads }, do_rotary: { int: 1 }, scale: { float: 1 } },
    'com.microsoft',
  );
  graph.output(`present.${layer}.key`, key, 'float32', ['batch_size', kvHeads, 'T', headDim]);
  graph.output(`present.${layer}.value`, value, 'float32', ['batch_size', kvHeads, 'T', headDim]);
  x = graph.op('Add', [x, linear(attended, `${name}.self_attn.o_proj`)]);
  const normalised = norm(x, `${name}.post_attention_layernorm`);
  const [gate = '', up = ''] = ['gate', 'up'].map((part) => linear(normalised, `${name}.mlp.${part}_proj`));
  const activated = graph.op('Mul', [graph.contribOp('QuickGelu', [gate], { alpha: { float: 1 } }), up]);
  x = graph.op('Add', [x, linear(activated, `${name}.mlp.down_proj`)]);
}
const logits = linear(norm(x, 'model.norm'), 'lm_head');
graph.output('logits', logits, 'float32', ['batch_size', 'S', config.vocabSize]);
await writeFile(join(out, WEIGHTS_PATH), Buffer.from(buffer));
await writeFile(join(out, 'model.onnx'), graph.finish('hub-layout'));
