/**
 * Attention over three stretches at once: the prompt that a group of rows shares, the row's own past, and the tokens
 * just fed. One softmax over the concatenated scores, so it is exact; the shared stretch is one matrix product a group.
 */

import type { ModelConfig } from '../model-config.ts';
import type { GraphBuilder, Value } from '../onnx/graph-builder.ts';

export interface AttentionInputs {
  /** `[B, S]` position of each token in its sequence. */
  readonly positions: Value;
  /** `[NG, 1, 1, P]`, 0 or a large negative number, added to the scores. */
  readonly prefixMask: Value;
  /** `[B, 1, 1, 1, M]`. */
  readonly suffixMask: Value;
  /** `[S, S]`, causal. */
  readonly selfMask: Value;
  /** `[A]`: the row at each place of the groups, group after group; short groups are filled up with any row. */
  readonly groupRows: Value;
  /** `[B]`: the place of each row, the inverse of `groupRows`. */
  readonly rowPlaces: Value;
}

export function attentionInputs(graph: GraphBuilder, config: ModelConfig): AttentionInputs {
  for (let layer = 0; layer < config.layers; layer++)
    for (const kind of ['key', 'value']) {
      graph.input(`prefix.${layer}.${kind}`, 'float32', ['NG', config.kvHeads, 'P', config.headDim]);
      graph.input(`suffix.${layer}.${kind}`, 'float32', ['B', config.kvHeads, 1, 'M', config.headDim]);
    }
  return {
    positions: graph.input('positions', 'int64', ['B', 'S']),
    prefixMask: graph.input('prefix_mask', 'float32', ['NG', 1, 1, 'P']),
    suffixMask: graph.input('suffix_mask', 'float32', ['B', 1, 1, 1, 'M']),
    selfMask: graph.input('self_mask', 'float32', ['S', 'S']),
    groupRows: graph.input('group_rows', 'int64', ['A']),
    rowPlaces: graph.input('row_places', 'int64', ['B']),
  };
}

export class AttentionBuilder {
  readonly #graph: GraphBuilder;
  readonly #config: ModelConfig;
  readonly #inputs: AttentionInputs;
  readonly #rope: { cos: Value; sin: Value };
  readonly #batchAndTokens: Value;
  readonly #groups: Value;
  readonly #tokens: Value;
  readonly #stretches: Value;
  readonly #shapes = new Map<string, Value>();

  constructor(graph: GraphBuilder, config: ModelConfig, inputs: AttentionInputs, rope: { cos: Value; sin: Value }) {
    this.#graph = graph;
    this.#config = config;
    this.#inputs = inputs;
    this.#rope = rope;
    const dimension = (value: Value, axis: number): Value =>
      graph.op('Shape', [value], { start: { int: axis }, end: { int: axis + 1 } });
    this.#batchAndTokens = graph.op('Shape', [inputs.positions]);
    this.#tokens = dimension(inputs.positions, 1);
    this.#groups = dimension(inputs.prefixMask, 0);
    this.#stretches = this.#concat([dimension(inputs.prefixMask, 3), dimension(inputs.suffixMask, 4), this.#tokens]);
  }

  /**
   * `qkv` is `[B*S, (heads + 2 kvHeads) * headDim]`; returns the attended values `[B*S, heads * headDim]`.
   * The new keys (rotated) and values leave the graph as `new.<layer>.key|value` `[B, kvHeads, S, headDim]`.
   */
  addLayer(layer: number, qkv: Value, norms: { q: Value; k: Value } | undefined): Value {
    const graph = this.#graph;
    const { heads, kvHeads, headDim } = this.#config;
    const sizes = [heads * headDim, kvHeads * headDim, kvHeads * headDim];
    const parts = graph.ops('Split', [qkv, graph.ints(sizes)], 3, { axis: { int: 1 } });
    const [q = '', k = '', v = ''] = parts;
    const queries = this.#queries(this.#rotate(this.#normalise(q, norms?.q, heads), heads));
    const keys = this.#headsFirst(this.#rotate(this.#normalise(k, norms?.k, kvHeads), kvHeads));
    const values = this.#headsFirst(v);
    const shape = ['B', kvHeads, 'S', headDim];
    graph.output(`new.${layer}.key`, keys, 'float32', shape);
    graph.output(`new.${layer}.value`, values, 'float32', shape);

    const transposed = { transB: { int: 1 } };
    const keysOnce = graph.op('Unsqueeze', [keys, graph.ints([2])]);
    const valuesOnce = graph.op('Unsqueeze', [values, graph.ints([2])]);
    const prefixScores = this.#toGroups(queries, headDim, (grouped) => {
      const scores = graph.contribOp('FusedMatMul', [grouped, `prefix.${layer}.key`], transposed);
      return graph.op('Add', [scores, this.#inputs.prefixMask]);
    });
    const suffixScores = graph.contribOp('FusedMatMul', [queries, `suffix.${layer}.key`], transposed);
    const selfScores = graph.contribOp('FusedMatMul', [queries, keysOnce], transposed);
    const scores = this.#concat(
      [
        prefixScores,
        graph.op('Add', [suffixScores, this.#inputs.suffixMask]),
        graph.op('Add', [selfScores, this.#inputs.selfMask]),
      ],
      -1,
    );
    const probabilities = graph.op('Softmax', [scores], { axis: { int: -1 } });
    const [prefixShare = '', suffixShare = '', selfShare = ''] = graph.ops(
      'Split',
      [probabilities, this.#stretches],
      3,
      { axis: { int: -1 } },
    );
    const fromPrefix = this.#toGroups(prefixShare, -1, (grouped) =>
      graph.op('MatMul', [grouped, `prefix.${layer}.value`]),
    );
    const own = graph.op('Add', [
      graph.op('MatMul', [suffixShare, `suffix.${layer}.value`]),
      graph.op('MatMul', [selfShare, valuesOnce]),
    ]);
    const context = graph.op('Transpose', [graph.op('Add', [fromPrefix, own])], { perm: { ints: [0, 3, 1, 2, 4] } });
    return graph.op('Reshape', [context, graph.ints([-1, heads * headDim])]);
  }

  /** Per-head RMS norm of `[B*S, heads * headDim]`, if the model has one. */
  #normalise(x: Value, norm: Value | undefined, heads: number): Value {
    if (norm === undefined) return x;
    const { headDim, rmsNormEpsilon } = this.#config;
    const perHead = this.#graph.op('Reshape', [x, this.#graph.ints([-1, heads, headDim])]);
    return this.#graph.op('SimplifiedLayerNormalization', [perHead, norm], {
      epsilon: { float: rmsNormEpsilon },
      axis: { int: -1 },
    });
  }

  /** RoPE on `[B*S, heads * headDim]` (any layout of that order); returns `[B, S, heads * headDim]`. */
  #rotate(x: Value, heads: number): Value {
    const rows = this.#graph.op('Reshape', [x, this.#shape([heads * this.#config.headDim])]);
    return this.#graph.contribOp('RotaryEmbedding', [rows, this.#inputs.positions, this.#rope.cos, this.#rope.sin]);
  }

  /** `[B, S, heads * headDim]` to `[B, kvHeads, heads / kvHeads, S, headDim]`, scaled here so that the products need no factor. */
  #queries(q: Value): Value {
    const { heads, kvHeads, headDim } = this.#config;
    const scaled = this.#graph.op('Mul', [q, this.#graph.floats([1 / Math.sqrt(headDim)])]);
    const split = this.#graph.op('Reshape', [scaled, this.#shape([kvHeads, heads / kvHeads, headDim])]);
    return this.#graph.op('Transpose', [split], { perm: { ints: [0, 2, 3, 1, 4] } });
  }

  #headsFirst(x: Value): Value {
    const { kvHeads, headDim } = this.#config;
    const split = this.#graph.op('Reshape', [x, this.#shape([kvHeads, headDim])]);
    return this.#graph.op('Transpose', [split], { perm: { ints: [0, 2, 1, 3] } });
  }

  /**
   * Runs `body` on `x` `[B, kvHeads, G, S, width]` regrouped to `[NG, kvHeads, R*G*S, width]`, so that all rows of a
   * group meet the shared keys or values in one product, and brings the result back to one row per rollout.
   */
  #toGroups(x: Value, width: number, body: (grouped: Value) => Value): Value {
    const graph = this.#graph;
    const { heads, kvHeads } = this.#config;
    const gathered = graph.op('Gather', [x, this.#inputs.groupRows], { axis: { int: 0 } });
    const swap = { perm: { ints: [0, 2, 1, 3, 4] } };
    const prefixWidth = width === -1 ? this.#prefixPlaces() : graph.ints([width]);
    const byGroup = graph.op('Reshape', [
      gathered,
      this.#concat([this.#groups, graph.ints([-1, kvHeads]), this.#groupTokens(heads / kvHeads), prefixWidth]),
    ]);
    const kvFirst = graph.op('Transpose', [byGroup], swap);
    const flat = graph.op('Reshape', [kvFirst, this.#concat([this.#groups, graph.ints([kvHeads, -1]), prefixWidth])]);
    const result = body(flat);
    const resultWidth = width === -1 ? graph.ints([this.#config.headDim]) : this.#prefixPlaces();
    const places = graph.op('Reshape', [
      result,
      this.#concat([this.#groups, graph.ints([kvHeads, -1]), this.#groupTokens(heads / kvHeads), resultWidth]),
    ]);
    const rowsFirst = graph.op('Transpose', [places], swap);
    const perRow = graph.op('Reshape', [
      rowsFirst,
      this.#concat([graph.ints([-1, kvHeads, heads / kvHeads]), this.#tokens, resultWidth]),
    ]);
    return graph.op('Gather', [perRow, this.#inputs.rowPlaces], { axis: { int: 0 } });
  }

  /** `[B, S, ...rest]` as a shape tensor. */
  #shape(rest: readonly number[]): Value {
    return this.#concat([this.#batchAndTokens, this.#graph.ints(rest)]);
  }

  #prefixPlaces(): Value {
    return this.#once('prefix places', () =>
      this.#graph.op('Shape', [this.#inputs.prefixMask], { start: { int: 3 }, end: { int: 4 } }),
    );
  }

  /** Heads of a KV head times tokens, as one dimension. */
  #groupTokens(headsPerKvHead: number): Value {
    return this.#once(`tokens x ${headsPerKvHead}`, () =>
      this.#graph.op('Mul', [this.#tokens, this.#graph.ints([headsPerKvHead])]),
    );
  }

  /** Concatenates shape tensors (kept for the next layer) or, with an axis, scores. */
  #concat(parts: readonly Value[], axis = 0): Value {
    return this.#once(`${axis}:${parts.join(' ')}`, () => this.#graph.op('Concat', parts, { axis: { int: axis } }));
  }

  #once(key: string, make: () => Value): Value {
    const known = this.#shapes.get(key);
    if (known !== undefined) return known;
    const value = make();
    this.#shapes.set(key, value);
    return value;
  }
}
