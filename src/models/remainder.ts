/**
 * What bf16 leaves out of the weights of a checkpoint that a training wrote: the lower 16 bits of each fp32 weight, as a
 * signed distance from its nearest bf16 (`narrow.py`). Who computes in fp32 joins both and has the trainer's weights to the bit;
 * a server, and an exported folder, have bf16.
 */
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { SafetensorsReader } from '../formats/safetensors-file.ts';

export const REMAINDER_FILE = 'training/remainder.safetensors';

/** Undefined for weights without one. @throws SafetensorsError for a torn file */
export async function openRemainder(directory: string): Promise<SafetensorsReader | undefined> {
  const path = join(directory, REMAINDER_FILE);
  const isThere = await access(path).then(
    () => true,
    () => false,
  );
  return isThere ? SafetensorsReader.open(path) : undefined;
}

/** Adds the remainder to bf16 values that are widened to fp32. @param bytes - int16, one for each value */
export function addRemainder(bytes: Uint8Array, values: Float32Array): void {
  const rest = new Int16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / Int16Array.BYTES_PER_ELEMENT);
  const bits = new Int32Array(values.buffer, values.byteOffset, values.length);
  for (let at = 0; at < rest.length; at++) bits[at] = (bits[at] ?? 0) + (rest[at] ?? 0);
}
