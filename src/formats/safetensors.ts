/**
 * The safetensors container: 8 bytes of header length, a JSON header, raw little-endian data.
 * https://github.com/huggingface/safetensors#format
 */

export type TensorType = 'F64' | 'F32' | 'F16' | 'BF16' | 'I64' | 'I32' | 'U8' | 'BOOL';

const BYTES_PER_ELEMENT: Record<TensorType, number> = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  I64: 8,
  I32: 4,
  U8: 1,
  BOOL: 1,
};

export interface TensorView {
  readonly type: TensorType;
  readonly shape: readonly number[];
  /** Raw little-endian bytes, a view into the file's buffer. */
  readonly bytes: Uint8Array;
}

export interface SafetensorsFile {
  readonly tensors: ReadonlyMap<string, TensorView>;
  readonly metadata: Readonly<Record<string, string>>;
}

interface HeaderEntry {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

/** Reads a whole file. Throws a named error for a torn or foreign file before any tensor is touched. */
export function readSafetensors(file: Uint8Array): SafetensorsFile {
  const fail = (what: string): never => {
    throw new Error(`not a safetensors file: ${what}; was it cut short while copying?`);
  };
  if (file.byteLength < 8) return fail(`${file.byteLength} bytes`);
  const headerBytes = Number(new DataView(file.buffer, file.byteOffset, 8).getBigUint64(0, true));
  if (headerBytes > file.byteLength - 8)
    return fail(`its header wants ${headerBytes} bytes, the file has ${file.byteLength}`);
  const header = JSON.parse(Buffer.from(file.buffer, file.byteOffset + 8, headerBytes).toString('utf8')) as Record<
    string,
    HeaderEntry | Record<string, string>
  >;
  const dataStart = 8 + headerBytes;
  const tensors = new Map<string, TensorView>();
  let metadata: Record<string, string> = {};
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__') {
      metadata = entry as Record<string, string>;
      continue;
    }
    const {
      dtype,
      shape,
      data_offsets: [start, end],
    } = entry as HeaderEntry;
    if (!(dtype in BYTES_PER_ELEMENT))
      return fail(`tensor ${name} has type ${dtype}; known are ${Object.keys(BYTES_PER_ELEMENT).join(', ')}`);
    const type = dtype as TensorType;
    const elements = shape.reduce((product, size) => product * size, 1);
    if (end - start !== elements * BYTES_PER_ELEMENT[type])
      return fail(`tensor ${name} [${shape}] of ${type} spans ${end - start} bytes`);
    if (dataStart + end > file.byteLength) return fail(`tensor ${name} ends behind the file`);
    tensors.set(name, { type, shape, bytes: file.subarray(dataStart + start, dataStart + end) });
  }
  return { tensors, metadata };
}

/** Writes tensors in the given order, data aligned to 64 bytes, so that equal content gives equal bytes. */
export function writeSafetensors(
  tensors: ReadonlyMap<string, TensorView>,
  metadata: Readonly<Record<string, string>> = {},
): Buffer {
  const header: Record<string, unknown> = {};
  if (Object.keys(metadata).length > 0) header.__metadata__ = metadata;
  let offset = 0;
  for (const [name, tensor] of tensors) {
    header[name] = {
      dtype: tensor.type,
      shape: tensor.shape,
      data_offsets: [offset, offset + tensor.bytes.byteLength],
    };
    offset += tensor.bytes.byteLength;
  }
  const json = Buffer.from(JSON.stringify(header), 'utf8');
  const padded = Math.ceil((json.byteLength + 8) / 64) * 64 - 8;
  const file = Buffer.alloc(8 + padded + offset, 0x20);
  file.writeBigUInt64LE(BigInt(padded), 0);
  json.copy(file, 8);
  let at = 8 + padded;
  for (const tensor of tensors.values()) {
    file.set(tensor.bytes, at);
    at += tensor.bytes.byteLength;
  }
  return file;
}

const bytesOf = (array: ArrayBufferView): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

export const int32Tensor = (values: ArrayLike<number>, shape: readonly number[] = [values.length]): TensorView => ({
  type: 'I32',
  shape,
  bytes: bytesOf(Int32Array.from(values)),
});
export const float32Tensor = (values: ArrayLike<number>, shape: readonly number[] = [values.length]): TensorView => ({
  type: 'F32',
  shape,
  bytes: bytesOf(Float32Array.from(values)),
});
export const byteTensor = (values: ArrayLike<number>, shape: readonly number[] = [values.length]): TensorView => ({
  type: 'U8',
  shape,
  bytes: bytesOf(Uint8Array.from(values)),
});

/** The values of an I32, F32 or U8 tensor; copies, so that alignment in the file doesn't matter. */
export function tensorValues(tensor: TensorView): Int32Array | Float32Array | Uint8Array {
  // Not slice(): on a Buffer that is a view, not a copy.
  const copy = new Uint8Array(tensor.bytes);
  switch (tensor.type) {
    case 'I32':
      return new Int32Array(copy.buffer);
    case 'F32':
      return new Float32Array(copy.buffer);
    case 'U8':
      return copy;
    default:
      throw new TypeError(`tensorValues: ${tensor.type} tensors are not read here; allowed are I32, F32, U8`);
  }
}
