/**
 * Attention over three stretches at once: the prompt that a group of rows shares, the row's own past, and the tokens
 * just fed. One softmax over the concatenated scores, so it is exact; the shared stretch is one matrix product a group.
 *
 * Heads are brought from one order into another by `Gather`, with indices that are the same in every layer: one operator
 * in place of four, and on one token a row an operator costs as much as the numbers in it.
 */

import type { ModelConfig } from '../../models/model-config.ts';
import type { Attribute, GraphBuilder, Value } from '../onnx/graph-builder.ts';

/** What all layers share; the indices are made by engine/head-indices.ts, which says what they are. */
export interface AttentionInputs {
  /** `[B, S]` position of each token in its sequence. */
  readonly positions: Value;
  /** `[B, 1, 1, S, P + M + S]`, 0 or a large negative number, added to the scores. */
  readonly mask: Value;
  /** `[S]`, `[P]` and `[M]`: how many places each stretch has. */
  readonly places: { readonly tokens: Value; readonly prefix: Value; readonly suffix: Value };
  readonly heads: { readonly query: Value; readonly key: Value; readonly value: Value; readonly groupQuery: Value };
  readonly scores: { readonly toGroups: Value; readonly toRows: Value };
  readonly contextToTokens: Value;
}

export function attentionInputs(graph: GraphBuilder, config: ModelConfig): AttentionInputs {
  const { kvHeads, headDim } = config;
  const perKvHead = config.heads / kvHeads;
  for (let layer = 0; layer < config.layers; layer++)
    for (const kind of ['key', 'value']) {
      graph.input(`prefix.${layer}.${kind}`, 'float32', ['NG', kvHeads, 'P', headDim]);
      graph.input(`suffix.${layer}.${kind}`, 'float32', ['B', kvHeads, 1, 'M', headDim]);
    }
  const positions = graph.input('positions', 'int64', ['B', 'S']);
  const size = (value: Value, axis: number): Value =>
    graph.op('Shape', [value], { start: { int: axis }, end: { int: axis + 1 } });
  return {
    positions,
    mask: graph.input('mask', 'float32', ['B', 1, 1, 'S', 'P+M+S']),
    places: { tokens: size(positions, 1), prefix: size('prefix.0.key', 2), suffix: size('suffix.0.key', 3) },
    heads: {
      query: graph.input('query_heads', 'int32', ['B', kvHeads, perKvHead, 'S']),
      key: graph.input('key_heads', 'int32', ['B', kvHeads, 'S']),
      value: graph.input('value_heads', 'int32', ['B', kvHeads, 'S']),
      groupQuery: graph.input('group_query_heads', 'int32', ['NG', kvHeads, 'R*G*S']),
    },
    scores: {
      toGroups: graph.input('scores_to_groups', 'int32', ['NG', kvHeads, 'R*G*S']),
      toRows: graph.input('scores_to_rows', 'int32', ['B', kvHeads, perKvHead, 'S']),
    },
    contextToTokens: graph.input('context_to_tokens', 'int32', ['B', 'S', kvHeads, perKvHead]),
  };
}

const LAST: Record<string, Attribute> = { axis: { int: -1 } };
const FIRST: Record<string, Attribute> = { axis: { int: 0 } };
const SECOND_TRANSPOSED: Record<string, Attribute> = { transB: { int: 1 } };

export class AttentionBuilder {
  readonly #graph: GraphBuilder;
  readonly #config: ModelConfig;
  readonly #inputs: AttentionInputs;
  readonly #rope: { cos: Value; sin: Value };
  /** Shapes that depend on the sizes of a run; 0 = as it was, -1 = what is left. */
  readonly #shapes: Record<'tokens' | 'prefixScores' | 'selfScores' | 'selfShare' | 'context' | 'stretches', Value>;

  constructor(graph: GraphBuilder, config: ModelConfig, inputs: AttentionInputs, rope: { cos: Value; sin: Value }) {
    this.#graph = graph;
    this.#config = config;
    this.#inputs = inputs;
    this.#rope = rope;
    const { heads, kvHeads, headDim } = config;
    const { tokens, prefix, suffix } = inputs.places;
    const fixed = (...sizes: number[]): Value => graph.ints(sizes);
    const shape = (...parts: Value[]): Value => graph.op('Concat', parts, FIRST);
    this.#shapes = {
      tokens: shape(graph.op('Shape', [inputs.positions]), fixed((heads + 2 * kvHeads) * headDim)),
      prefixScores: shape(fixed(-1), prefix),
      selfScores: shape(fixed(0, 0, heads / kvHeads), tokens, tokens),
      selfShare: shape(fixed(0, 0, -1), tokens),
      context: shape(fixed(0, 0, heads / kvHeads), tokens, fixed(headDim)),
      stretches: shape(prefix, suffix, tokens),
    };
  }

  /**
   * `qkv` is `[B*S, (heads + 2 kvHeads) * headDim]`, q already divided by the root of headDim; returns the attended
   * values `[B*S, heads * headDim]`. The new keys (rotated) and values leave the graph as `new.<layer>.key|value`
   * `[B, kvHeads, S, headDim]`.
   */
  addLayer(layer: number, qkv: Value, norms: { q: Value; k: Value } | undefined): Value {
    const graph = this.#graph;
    const { heads, kvHeads, headDim } = this.#config;
    const { heads: at, scores: order } = this.#inputs;
    const rotated = this.#byHead(this.#rotate(this.#normalise(qkv, norms)));
    const queries = this.#gather(rotated, at.query);
    const shape = ['B', kvHeads, 'S', headDim];
    const keys = graph.outputOp(`new.${layer}.key`, 'Gather', [rotated, at.key], shape, FIRST);
    const values = graph.outputOp(`new.${layer}.value`, 'Gather', [this.#byHead(qkv), at.value], shape, FIRST);

    const scoresWith = (queries: Value, keys: Value): Value =>
      graph.contribOp('FusedMatMul', [queries, keys], SECOND_TRANSPOSED);
    const prefixScores = scoresWith(this.#gather(rotated, at.groupQuery), `prefix.${layer}.key`);
    // All query heads of a KV head in one product: with a single key a row there is little in each.
    const flatQueries = graph.op('Reshape', [queries, graph.ints([0, 0, -1, headDim])]);
    const scores = graph.op(
      'Concat',
      [
        this.#gather(graph.op('Reshape', [prefixScores, this.#shapes.prefixScores]), order.toRows),
        scoresWith(queries, `suffix.${layer}.key`),
        graph.op('Reshape', [scoresWith(flatQueries, keys), this.#shapes.selfScores]),
      ],
      LAST,
    );
    const shares = graph.op('Softmax', [graph.op('Add', [scores, this.#inputs.mask])], LAST);
    const [ofPrefix = '', ofSuffix = '', ofSelf = ''] = graph.ops('Split', [shares, this.#shapes.stretches], 3, LAST);

    const grouped = this.#gather(graph.op('Reshape', [ofPrefix, this.#shapes.prefixScores]), order.toGroups);
    const fromPrefix = this.#byHead(graph.op('MatMul', [grouped, `prefix.${layer}.value`]));
    const fromSelf = graph.op('MatMul', [graph.op('Reshape', [ofSelf, this.#shapes.selfShare]), values]);
    const own = graph.op('Add', [
      graph.op('MatMul', [ofSuffix, `suffix.${layer}.value`]),
      graph.op('Reshape', [fromSelf, this.#shapes.context]),
    ]);
    const context = graph.op('Add', [
      this.#gather(fromPrefix, this.#inputs.contextToTokens),
      graph.op('Transpose', [own], { perm: { ints: [0, 3, 1, 2, 4] } }),
    ]);
    return graph.op('Reshape', [context, graph.ints([-1, heads * headDim])]);
  }

  /** RMS norm on each head of q and k, if the model has one. */
  #normalise(qkv: Value, norms: { q: Value; k: Value } | undefined): Value {
    if (norms === undefined) return qkv;
    const graph = this.#graph;
    const { heads, kvHeads, headDim, rmsNormEpsilon } = this.#config;
    const widths = graph.ints([heads * headDim, kvHeads * headDim, kvHeads * headDim]);
    const [q = '', k = '', v = ''] = graph.ops('Split', [qkv, widths], 3, { axis: { int: 1 } });
    const normalise = (x: Value, norm: Value): Value => {
      const perHead = graph.op('Reshape', [x, graph.ints([0, -1, headDim])]);
      const attributes = { epsilon: { float: rmsNormEpsilon }, ...LAST };
      return graph.op('Reshape', [
        graph.op('SimplifiedLayerNormalization', [perHead, norm], attributes),
        graph.ints([0, -1]),
      ]);
    };
    return graph.op('Concat', [normalise(q, norms.q), normalise(k, norms.k), v], LAST);
  }

  /** RoPE on all heads, `[B, S, width]`; what it makes of v is not used. */
  #rotate(qkv: Value): Value {
    const rows = this.#graph.op('Reshape', [qkv, this.#shapes.tokens]);
    return this.#graph.contribOp('RotaryEmbedding', [rows, this.#inputs.positions, this.#rope.cos, this.#rope.sin]);
  }

  /** `[all heads, headDim]`. */
  #byHead(x: Value): Value {
    return this.#graph.op('Reshape', [x, this.#graph.ints([-1, this.#config.headDim])]);
  }

  #gather(vectors: Value, indices: Value): Value {
    return this.#graph.op('Gather', [vectors, indices], FIRST);
  }
}
