/**
 * The safetensors container: 8 bytes of header length, a JSON header, raw little-endian data.
 * https://github.com/huggingface/safetensors#format
 */

import { parseJson } from './parse-json.ts';
import { shown } from './shown.ts';

const BITS_PER_ELEMENT = {
  C64: 64,
  F64: 64,
  I64: 64,
  U64: 64,
  F32: 32,
  I32: 32,
  U32: 32,
  F16: 16,
  BF16: 16,
  I16: 16,
  U16: 16,
  F8_E4M3: 8,
  F8_E5M2: 8,
  F8_E8M0: 8,
  F8_E4M3FNUZ: 8,
  F8_E5M2FNUZ: 8,
  I8: 8,
  U8: 8,
  BOOL: 8,
  F6_E2M3: 6,
  F6_E3M2: 6,
  F4: 4,
} as const;

/** Every data type of the format. Files with types that Whencode does not compute with are valid too. */
export type TensorType = keyof typeof BITS_PER_ELEMENT;

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

/** Where a tensor lies: byte range counted from the start of the data. */
export interface TensorPlace {
  readonly type: TensorType;
  readonly shape: readonly number[];
  readonly start: number;
  readonly end: number;
}

/** An invalid safetensors file. The message names the defect. */
export class SafetensorsError extends Error {
  override readonly name = 'SafetensorsError';
}

/** What the format's reference reader allows. */
const MAX_HEADER_BYTES = 100_000_000;

/** First bytes of a Git LFS pointer file. */
const LFS_POINTER = 'version https://git-lfs';

/** Length of the JSON header, from the first 8 bytes. Throws if it exceeds the file or 100 MB. */
export function safetensorsHeaderBytes(firstBytes: Uint8Array, fileBytes: number): number {
  const start = Buffer.from(firstBytes.buffer, firstBytes.byteOffset, Math.min(8, firstBytes.byteLength));
  if (start.toString('latin1') === LFS_POINTER.slice(0, 8))
    throw new SafetensorsError(
      'a pointer of Git LFS, not the file itself; fetch the weights with `git lfs pull` in the folder, or download the model with `hf download`',
    );
  if (firstBytes.byteLength < 8) throw torn(`it has ${fileBytes} bytes`);
  const headerBytes = Number(new DataView(firstBytes.buffer, firstBytes.byteOffset, 8).getBigUint64(0, true));
  if (headerBytes > fileBytes - 8) throw torn(`its header wants ${headerBytes} bytes, the file has ${fileBytes}`);
  if (headerBytes > MAX_HEADER_BYTES)
    throw new SafetensorsError(`its header has ${headerBytes} bytes; the format allows ${MAX_HEADER_BYTES}`);
  return headerBytes;
}

/**
 * Parses the JSON header. `dataBytes` is the size of the data section. Throws if a tensor is incomplete, before any
 * tensor is read.
 */
export function parseSafetensorsHeader(
  json: string,
  dataBytes: number,
): { places: Map<string, TensorPlace>; metadata: Record<string, string> } {
  let header: unknown;
  try {
    header = parseJson(json);
  } catch (error) {
    throw torn(`its header is ${error instanceof Error ? error.message : error}`);
  }
  if (!isRecord(header)) throw torn('its header is no JSON object');
  const places = new Map<string, TensorPlace>();
  const metadata: Record<string, string> = {};
  for (const [name, entry] of Object.entries(header)) {
    if (name !== METADATA) places.set(name, readPlace(name, entry, dataBytes));
    else if (isRecord(entry))
      for (const [key, value] of Object.entries(entry)) if (typeof value === 'string') metadata[key] = value;
  }
  let previous = 0;
  for (const [name, { start, end }] of [...places].sort(([, a], [, b]) => a.start - b.start || a.end - b.end)) {
    if (start < previous) throw torn(`tensor ${shown(name)} overlaps with another`);
    previous = end;
  }
  return { places, metadata };
}

const METADATA = '__metadata__';

function readPlace(name: string, entry: unknown, dataBytes: number): TensorPlace {
  if (!isRecord(entry)) throw torn(`tensor ${shown(name)} has no description`);
  const { dtype, shape, data_offsets: offsets } = entry;
  if (typeof dtype !== 'string' || !Object.hasOwn(BITS_PER_ELEMENT, dtype))
    throw new SafetensorsError(
      `tensor ${shown(name)} has type ${shown(dtype)}; the format knows ${Object.keys(BITS_PER_ELEMENT).join(', ')}`,
    );
  const type = dtype as TensorType;
  if (!isSizes(shape) || !isSizes(offsets) || offsets.length !== 2)
    throw torn(`tensor ${shown(name)} has the shape ${shown(shape)} and the offsets ${shown(offsets)}`);
  const [start = 0, end = 0] = offsets;
  const elements = shape.reduce((product, size) => product * size, 1);
  if (8 * (end - start) !== elements * BITS_PER_ELEMENT[type])
    throw torn(`tensor ${shown(name)} ${shown(shape)} of ${type} spans ${end - start} bytes`);
  if (end > dataBytes) throw torn(`tensor ${shown(name)} ends ${end - dataBytes} bytes behind the file`);
  return { type, shape, start, end };
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isSizes = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);

function torn(what: string): SafetensorsError {
  return new SafetensorsError(`not a safetensors file: ${what}; was it cut short while copying?`);
}

/** Reads a whole file. Throws `SafetensorsError` for a torn or foreign file before any tensor is read. */
export function readSafetensors(file: Uint8Array): SafetensorsFile {
  const dataStart = 8 + safetensorsHeaderBytes(file, file.byteLength);
  const json = Buffer.from(file.buffer, file.byteOffset + 8, dataStart - 8).toString('utf8');
  const { places, metadata } = parseSafetensorsHeader(json, file.byteLength - dataStart);
  const tensors = new Map<string, TensorView>();
  for (const [name, { type, shape, start, end }] of places)
    tensors.set(name, { type, shape, bytes: file.subarray(dataStart + start, dataStart + end) });
  return { tensors, metadata };
}

export interface SafetensorsLayout {
  /** The file up to its data. */
  readonly header: Buffer;
  /** Where each tensor's data begins in the file, in bytes. */
  readonly starts: ReadonlyMap<string, number>;
  /** Size of the file. */
  readonly bytes: number;
}

/** Lays out a file whose data is written later, in the given order and aligned to 64 bytes. */
export function layOutSafetensors(
  tensors: ReadonlyMap<string, Pick<TensorView, 'type' | 'shape'>>,
  metadata: Readonly<Record<string, string>> = {},
): SafetensorsLayout {
  const entries: Record<string, unknown> = {};
  if (Object.keys(metadata).length > 0) entries.__metadata__ = metadata;
  const offsets = new Map<string, number>();
  let dataBytes = 0;
  for (const [name, { type, shape }] of tensors) {
    const end = dataBytes + (shape.reduce((product, size) => product * size, 1) * BITS_PER_ELEMENT[type]) / 8;
    entries[name] = { dtype: type, shape, data_offsets: [dataBytes, end] };
    offsets.set(name, dataBytes);
    dataBytes = end;
  }
  const json = Buffer.from(JSON.stringify(entries), 'utf8');
  const header = Buffer.alloc(Math.ceil((json.byteLength + 8) / 64) * 64, 0x20);
  header.writeBigUInt64LE(BigInt(header.byteLength - 8), 0);
  json.copy(header, 8);
  const starts = new Map([...offsets].map(([name, offset]) => [name, header.byteLength + offset]));
  return { header, starts, bytes: header.byteLength + dataBytes };
}

/** Writes tensors as `layOutSafetensors` lays them out. Equal content gives equal bytes. */
export function writeSafetensors(
  tensors: ReadonlyMap<string, TensorView>,
  metadata: Readonly<Record<string, string>> = {},
): Buffer {
  const { header, starts, bytes } = layOutSafetensors(tensors, metadata);
  const file = Buffer.alloc(bytes);
  header.copy(file);
  for (const [name, tensor] of tensors) file.set(tensor.bytes, starts.get(name));
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

/** The values of an I32, F32 or U8 tensor, copied, so that alignment in the file does not matter. */
export function tensorValues(tensor: TensorView): Int32Array | Float32Array | Uint8Array {
  // `slice()` of a Buffer is a view, not a copy.
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
