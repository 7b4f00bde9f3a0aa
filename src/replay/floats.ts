import type { TensorType } from '../formats/safetensors.ts';

/** The numbers of a tensor's raw bytes, of any floating-point type. Copies the bytes, so that alignment doesn't matter. */
export function floatsOf(type: TensorType, bytes: Uint8Array): Float32Array | Float64Array {
  const { buffer } = new Uint8Array(bytes);
  switch (type) {
    case 'F64':
      return new Float64Array(buffer);
    case 'F32':
      return new Float32Array(buffer);
    case 'BF16':
      return bfloatsOf(new Uint16Array(buffer));
    case 'F16':
      return Float32Array.from(new Uint16Array(buffer), halfOf);
    case 'I32':
      return Float64Array.from(new Int32Array(buffer));
    case 'I64':
      return Float64Array.from(new BigInt64Array(buffer), Number);
    case 'U8':
    case 'BOOL':
      return Float32Array.from(bytes);
    default:
      throw new TypeError(
        `tensors of type ${type} are not compared; checkpoints hold floats and integers of 32 and 64 bits`,
      );
  }
}

/** A bfloat16 is the upper half of a float32. */
function bfloatsOf(words: Uint16Array): Float32Array {
  const wide = new Uint32Array(words.length);
  for (let at = 0; at < words.length; at += 1) wide[at] = (words[at] ?? 0) << 16;
  return new Float32Array(wide.buffer);
}

/** IEEE 754 binary16. */
function halfOf(word: number): number {
  const sign = word & 0x8000 ? -1 : 1;
  const [exponent, fraction] = [(word >> 10) & 0x1f, word & 0x3ff];
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
