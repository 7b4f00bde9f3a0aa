/**
 * Builds an ONNX model (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto) node by node.
 * Weights stay outside the file: an initializer names its place in one external buffer.
 */
import { MessageWriter } from './protobuf.ts';

export type ElementType = 'float32' | 'int32' | 'int64' | 'uint8' | 'int8' | 'bool';
/** A fixed size, or the name of one that varies from run to run. */
export type Dimension = number | string;
export type Attribute = { int: number } | { float: number } | { ints: readonly number[] };
/** Name of a value in the graph; the empty string leaves out an optional input. */
export type Value = string;

const ELEMENT_TYPE_CODE: Record<ElementType, number> = { float32: 1, uint8: 2, int8: 3, int32: 6, int64: 7, bool: 9 };
const ATTRIBUTE_FLOAT = 1;
const ATTRIBUTE_INT = 2;
const ATTRIBUTE_INTS = 7;
const EXTERNAL = 1;
const IR_VERSION = 10;
const OPSET = 21;

/** The name under which the session is given the weights' bytes. */
export const WEIGHTS_PATH = 'weights.bin';

export class GraphBuilder {
  readonly #graph = new MessageWriter();
  readonly #constants = new Map<string, Value>();
  #count = 0;

  input(name: string, type: ElementType, shape: readonly Dimension[]): Value {
    this.#graph.message(11, valueInfo(name, type, shape));
    return name;
  }

  /** Declares that `value` leaves the graph under the name `name`. */
  output(name: string, value: Value, type: ElementType, shape: readonly Dimension[]): void {
    this.#addNode('Identity', [value], [name], {}, '');
    this.#graph.message(12, valueInfo(name, type, shape));
  }

  /** A tensor in the external buffer, at `byteOffset`. */
  weight(
    name: string,
    type: ElementType,
    shape: readonly number[],
    place: { byteOffset: number; byteLength: number },
  ): Value {
    const tensor = tensorHeader(name, type, shape).int(14, EXTERNAL);
    const entries = { location: WEIGHTS_PATH, offset: `${place.byteOffset}`, length: `${place.byteLength}` };
    for (const [key, value] of Object.entries(entries))
      tensor.message(13, new MessageWriter().text(1, key).text(2, value));
    this.#graph.message(5, tensor);
    return name;
  }

  /** Integers as a 1-D tensor (or a scalar with `scalar`), stored once however often asked for. */
  ints(values: readonly number[], kind: 'vector' | 'scalar' = 'vector'): Value {
    return this.#constant('int64', BigInt64Array.from(values, BigInt), kind === 'scalar' ? [] : [values.length]);
  }

  /** A single byte, as quantising operators take their zero point. */
  byte(value: number): Value {
    return this.#constant('uint8', Uint8Array.of(value), []);
  }

  floats(values: readonly number[], shape: readonly number[] = [values.length]): Value {
    return this.#constant('float32', Float32Array.from(values), shape);
  }

  /** Adds a node with one output and returns that output's name. */
  op(type: string, inputs: readonly Value[], attributes: Record<string, Attribute> = {}, domain = ''): Value {
    const [only = ''] = this.ops(type, inputs, 1, attributes, domain);
    return only;
  }

  /** Adds a node whose output leaves the graph under the name `name` and is used inside it too. */
  outputOp(
    name: string,
    type: string,
    inputs: readonly Value[],
    shape: readonly Dimension[],
    attributes: Record<string, Attribute> = {},
  ): Value {
    this.#addNode(type, inputs, [name], attributes, '');
    this.#graph.message(12, valueInfo(name, 'float32', shape));
    return name;
  }

  /** Adds a node with `outputs` outputs. */
  ops(
    type: string,
    inputs: readonly Value[],
    outputs: number,
    attributes: Record<string, Attribute> = {},
    domain = '',
  ): Value[] {
    const names = Array.from({ length: outputs }, () => `${type}_${this.#count++}`);
    this.#addNode(type, inputs, names, attributes, domain);
    return names;
  }

  /** Like `op`, for the operators that ONNX Runtime adds to the standard. */
  contribOp(type: string, inputs: readonly Value[], attributes: Record<string, Attribute> = {}): Value {
    return this.op(type, inputs, attributes, 'com.microsoft');
  }

  finish(name: string): Uint8Array {
    this.#graph.text(2, name);
    return new MessageWriter()
      .int(1, IR_VERSION)
      .text(2, 'whencode')
      .message(7, this.#graph)
      .message(8, new MessageWriter().text(1, '').int(2, OPSET))
      .message(8, new MessageWriter().text(1, 'com.microsoft').int(2, 1))
      .finish();
  }

  #constant(type: ElementType, data: BigInt64Array | Float32Array | Uint8Array, shape: readonly number[]): Value {
    const key = `${type}[${shape}]${data.join(',')}`;
    const known = this.#constants.get(key);
    if (known !== undefined) return known;
    const name = `const_${this.#constants.size}`;
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    this.#graph.message(5, tensorHeader(name, type, shape).bytes(9, bytes));
    this.#constants.set(key, name);
    return name;
  }

  #addNode(
    type: string,
    inputs: readonly Value[],
    outputs: readonly Value[],
    attributes: Record<string, Attribute>,
    domain: string,
  ): void {
    const node = new MessageWriter();
    for (const input of inputs) node.text(1, input);
    for (const output of outputs) node.text(2, output);
    node.text(3, `n${this.#count++}`).text(4, type);
    for (const [name, attribute] of Object.entries(attributes)) node.message(5, attributeMessage(name, attribute));
    if (domain !== '') node.text(7, domain);
    this.#graph.message(1, node);
  }
}

function tensorHeader(name: string, type: ElementType, shape: readonly number[]): MessageWriter {
  const tensor = new MessageWriter();
  for (const size of shape) tensor.int(1, size);
  return tensor.int(2, ELEMENT_TYPE_CODE[type]).text(8, name);
}

function attributeMessage(name: string, attribute: Attribute): MessageWriter {
  const message = new MessageWriter().text(1, name);
  if ('int' in attribute) return message.int(3, attribute.int).int(20, ATTRIBUTE_INT);
  if ('float' in attribute) return message.float(2, attribute.float).int(20, ATTRIBUTE_FLOAT);
  for (const value of attribute.ints) message.int(8, value);
  return message.int(20, ATTRIBUTE_INTS);
}

function valueInfo(name: string, type: ElementType, shape: readonly Dimension[]): MessageWriter {
  const dimensions = new MessageWriter();
  for (const size of shape) {
    const dimension = new MessageWriter();
    dimensions.message(1, typeof size === 'number' ? dimension.int(1, size) : dimension.text(2, size));
  }
  const tensor = new MessageWriter().int(1, ELEMENT_TYPE_CODE[type]).message(2, dimensions);
  return new MessageWriter().text(1, name).message(2, new MessageWriter().message(1, tensor));
}
