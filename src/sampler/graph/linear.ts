/**
 * The products with weights, in fp32 or in int8.
 *
 * w8a8: each row of activations is scaled by its own largest magnitude to 8 bits, each output channel of the weights by
 * its own; the products are summed exactly in 32-bit integers. A row's result depends on that row only: a scale over
 * the whole batch, as dynamic quantisation usually has, would make log-probs depend on the company.
 */
import type { GraphBuilder, Value } from '../onnx/graph-builder.ts';
import { INT8_STEPS, scaleName, type WeightPlaces } from '../weight-layout.ts';

/** Activations are unsigned bytes around this: the integer kernels want unsigned times signed. */
const ZERO_POINT = 128;
/** Keeps a row of zeros from being divided by zero. */
const SMALLEST_SCALE = 1e-20;

export class LinearBuilder {
  readonly #graph: GraphBuilder;
  readonly #weights: WeightPlaces;

  constructor(graph: GraphBuilder, weights: WeightPlaces) {
    this.#graph = graph;
    this.#weights = weights;
  }

  weight(name: string): Value {
    const { shape, type, place } = this.#weights.get(name);
    return this.#graph.weight(name, type, shape, place);
  }

  /** `x [rows, in]` times `<name>.weight` (plus `<name>.bias`): `[rows, out]`. */
  add(x: Value, name: string, bias: boolean): Value {
    const biases = bias ? [this.weight(`${name}.bias`)] : [];
    if (this.#weights.get(`${name}.weight`).type === 'float32')
      return this.#graph.op('Gemm', [x, this.weight(`${name}.weight`), ...biases], { transB: { int: 1 } });
    const product = this.#integerProduct(x, `${name}.weight`);
    return bias ? this.#graph.op('Add', [product, ...biases]) : product;
  }

  #integerProduct(x: Value, name: string): Value {
    const graph = this.#graph;
    const magnitudes = graph.op('ReduceMax', [graph.op('Abs', [x]), graph.ints([1])], { keepdims: { int: 1 } });
    const rowScale = graph.op('Max', [magnitudes, graph.floats([SMALLEST_SCALE])]);
    const step = graph.floats([1 / INT8_STEPS], []);
    const zeroPoint = graph.byte(ZERO_POINT);
    const quantised = graph.op('QuantizeLinear', [graph.op('Div', [x, rowScale]), step, zeroPoint]);
    const inputs = [quantised, this.weight(name), step, this.weight(scaleName(name)), zeroPoint];
    return graph.op('Mul', [graph.contribOp('MatMulIntegerToFloat', inputs), rowScale]);
  }
}
