/**
 * From logits `[N, V]` after temperature to tokens and their log-probs, inside the graph: only four numbers a row leave it.
 *
 * Sampling inverts the distribution function in two levels: one uniform number picks a block of the vocabulary by the
 * blocks' masses, a second one the token inside it. Exact, and a pure function of (logits, uniforms).
 */
import type { GraphBuilder, Value } from '../onnx/graph-builder.ts';

/** In `wanted_token`: draw by `uniforms`. */
export const DRAW = -1;
/** In `wanted_token`: take the most probable token (the first of equals). */
export const GREEDY = -2;

/** `[N, V]` after temperature; leaves the graph only for rows that draw from a part of the vocabulary. */
export const SCALED_LOGITS = 'scaled_logits';

/** Just below 1, so that a scaled threshold never reaches the total mass. */
const BELOW_ONE = 1 - 2 ** -23;

/** Below any logit: pads the vocabulary to whole blocks. */
const LOWEST = -3e38;

/**
 * Inputs: `uniforms [N, 2]` in [0, 1), `wanted_token [N, 1]` (a token's id, DRAW or GREEDY).
 * Outputs: `token [N, 1]`; `token_logit`, `top_logit`, `top_probability`, all `[N, 1]` after temperature, so that
 * log p(token) = token_logit - top_logit + log(top_probability), which never underflows.
 */
export function addReadout(graph: GraphBuilder, logits: Value, vocabSize: number): void {
  const uniforms = graph.input('uniforms', 'float32', ['N', 2]);
  const wanted = graph.input('wanted_token', 'int64', ['N', 1]);

  const probabilities = graph.op('Softmax', [logits], { axis: { int: -1 } });
  const top = addTop(graph, logits, vocabSize);
  const drawn = addDraw(graph, probabilities, uniforms, vocabSize);
  const isDrawn = graph.op('Equal', [wanted, graph.ints([DRAW])]);
  const isGreedy = graph.op('Equal', [wanted, graph.ints([GREEDY])]);
  const token = graph.op('Where', [isDrawn, drawn, graph.op('Where', [isGreedy, top, wanted])]);

  const at = (values: Value, index: Value): Value => graph.op('GatherElements', [values, index], { axis: { int: 1 } });
  graph.output('token', token, 'int64', ['N', 1]);
  graph.output('token_logit', at(logits, token), 'float32', ['N', 1]);
  graph.output('top_logit', at(logits, top), 'float32', ['N', 1]);
  graph.output('top_probability', at(probabilities, top), 'float32', ['N', 1]);
}

/** The first of the largest, by blocks: a maximum is taken many numbers at a time, its place one by one. */
function addTop(graph: GraphBuilder, logits: Value, vocabSize: number): Value {
  const { blockSize, byBlock } = addBlocks(graph, logits, vocabSize, LOWEST);
  const maxima = graph.op('ReduceMax', [byBlock, graph.ints([2])], { keepdims: { int: 0 } });
  const largest = (values: Value): Value => graph.op('ArgMax', [values], { axis: { int: 1 }, keepdims: { int: 1 } });
  const block = largest(maxima);
  return idOf(graph, block, blockSize, largest(blockAt(graph, byBlock, block)));
}

function addDraw(graph: GraphBuilder, probabilities: Value, uniforms: Value, vocabSize: number): Value {
  const { blocks, blockSize, byBlock } = addBlocks(graph, probabilities, vocabSize, 0);
  const masses = graph.op('ReduceSum', [byBlock, graph.ints([2])], { keepdims: { int: 0 } });
  const [first = '', second = ''] = graph.ops('Split', [uniforms], 2, { axis: { int: 1 }, num_outputs: { int: 2 } });
  const block = invert(graph, masses, first, blocks);
  return idOf(graph, block, blockSize, invert(graph, blockAt(graph, byBlock, block), second, blockSize));
}

/** `[N, V]`, filled up with `padding`, as `[N, blocks, blockSize]`. */
function addBlocks(
  graph: GraphBuilder,
  values: Value,
  vocabSize: number,
  padding: number,
): { blocks: number; blockSize: number; byBlock: Value } {
  const blockSize = blockSizeOf(vocabSize);
  const blocks = Math.ceil(vocabSize / blockSize);
  const missing = blocks * blockSize - vocabSize;
  const whole =
    missing === 0 ? values : graph.op('Pad', [values, graph.ints([0, 0, 0, missing]), graph.floats([padding], [])]);
  return { blocks, blockSize, byBlock: graph.op('Reshape', [whole, graph.ints([-1, blocks, blockSize])]) };
}

/** `[N, blockSize]`: the block of each row that `block [N, 1]` names. */
function blockAt(graph: GraphBuilder, byBlock: Value, block: Value): Value {
  return graph.op('GatherND', [byBlock, block], { batch_dims: { int: 1 } });
}

function idOf(graph: GraphBuilder, block: Value, blockSize: number, offset: Value): Value {
  return graph.op('Add', [graph.op('Mul', [block, graph.ints([blockSize])]), offset]);
}

/** Index of the first of `size` masses at which their running sum exceeds `uniform` times the total; its mass is > 0. */
function invert(graph: GraphBuilder, masses: Value, uniform: Value, size: number): Value {
  const sums = graph.op('CumSum', [masses, graph.ints([1], 'scalar')]);
  const total = graph.op('Gather', [sums, graph.ints([size - 1])], { axis: { int: 1 } });
  const threshold = graph.op('Mul', [total, graph.op('Min', [uniform, graph.floats([BELOW_ONE], [1, 1])])]);
  const isBelow = graph.op('Cast', [graph.op('LessOrEqual', [sums, threshold])], { to: { int: 7 } });
  return graph.op('ReduceSum', [isBelow, graph.ints([1])], { keepdims: { int: 1 } });
}

/** About the root of the vocabulary, dividing it if some size near there does. */
function blockSizeOf(vocabSize: number): number {
  const root = Math.sqrt(vocabSize);
  for (let size = Math.floor(root); size >= root / 4; size--) if (vocabSize % size === 0) return vocabSize / size;
  return Math.ceil(root);
}
