/**
 * The products with weights, in fp32 or in int8.
 *
 * w8a8: each row of activations is scaled by its own largest magnitude to 8 bits, each output channel of the weights by
 * its own; the products are summed exactly in 32-bit integers. A row's result depends on that row only: a scale over
 * the whole batch, as dynamic quantisation usually has, would make log-probs depend on the company.
 */

import { INT8_STEPS, scaleName, type WeightPlaces } from '../../models/weight-layout.ts';
import type { Attribute, Dimension, GraphBuilder, Value } from '../onnx/graph-builder.ts';

/** Activations are unsigned bytes around this: the integer kernels want unsigned times signed. */
const ZERO_POINT = 128;

/** Rows in 8 bits: value = (byte - ZERO_POINT) * scale. */
interface QuantisedRows {
  readonly bytes: Value;
  /** `[rows, 1]`. */
  readonly scale: Value;
}

interface LinearOptions {
  readonly bias?: boolean;
  /** Whether a row is a token that was fed (default) or one that is read out. */
  readonly rows?: 'fed' | 'read';
  /** The result leaves the graph too. */
  readonly output?: { readonly name: string; readonly shape: readonly Dimension[] };
}

export class LinearBuilder {
  readonly #graph: GraphBuilder;
  readonly #weights: WeightPlaces;
  readonly #quantised = new Map<Value, QuantisedRows>();
  readonly #zeroPoints = new Map<'fed' | 'read', Value>();

  constructor(graph: GraphBuilder, weights: WeightPlaces) {
    this.#graph = graph;
    this.#weights = weights;
  }

  weight(name: string): Value {
    const { shape, type, place } = this.#weights.get(name);
    return this.#graph.weight(name, type, shape, place);
  }

  /** `x [rows, in]` times `<name>.weight` (plus `<name>.bias`): `[rows, out]`. */
  add(x: Value, name: string, { bias = false, rows = 'fed', output }: LinearOptions = {}): Value {
    const finish = (type: string, inputs: readonly Value[], attributes: Record<string, Attribute> = {}): Value =>
      output === undefined
        ? this.#graph.op(type, inputs, attributes)
        : this.#graph.outputOp(output.name, type, inputs, output.shape, attributes);
    const biases = bias ? [this.weight(`${name}.bias`)] : [];
    const matrix = `${name}.weight`;
    if (this.#weights.get(matrix).type === 'float32')
      return finish('Gemm', [x, this.weight(matrix), ...biases], { transB: { int: 1 } });
    const { bytes, scale } = this.#quantise(x, matrix, rows);
    const [one, zeroPoint] = [this.#graph.floats([1], []), this.#graph.byte(ZERO_POINT)];
    const inputs = [bytes, this.weight(matrix), one, this.weight(scaleName(matrix)), zeroPoint];
    const product = this.#graph.contribOp('MatMulIntegerToFloat', inputs);
    return bias ? finish('Add', [this.#graph.op('Mul', [product, scale]), ...biases]) : finish('Mul', [product, scale]);
  }

  /** Once for all products of the same rows. A row of zeros has scale 0, and so have its products. */
  #quantise(x: Value, matrix: string, rows: 'fed' | 'read'): QuantisedRows {
    const known = this.#quantised.get(x);
    if (known !== undefined) return known;
    const graph = this.#graph;
    const [width = 0] = this.#weights.get(matrix).shape;
    const magnitudes = graph.op('ReduceMax', [graph.op('Abs', [x]), graph.ints([1])], { keepdims: { int: 1 } });
    const scale = graph.op('Mul', [magnitudes, graph.floats([1 / INT8_STEPS])]);
    let zeroPoints = this.#zeroPoints.get(rows);
    zeroPoints ??= graph.op('Expand', [graph.byte(ZERO_POINT), graph.op('Shape', [scale])]);
    this.#zeroPoints.set(rows, zeroPoints);
    // A block as wide as a row: so each row has its scale, in the shape that the product is multiplied by.
    const blocks = { axis: { int: 1 }, block_size: { int: width } };
    const quantised = { bytes: graph.op('QuantizeLinear', [x, scale, zeroPoints], blocks), scale };
    this.#quantised.set(x, quantised);
    return quantised;
  }
}
