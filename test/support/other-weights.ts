import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readSafetensors, writeSafetensors } from '../../src/formats/safetensors.ts';

/** Copies a model folder with other weights: every third value with its sign turned. */
export async function copyWithOtherWeights(from: string, to: string): Promise<void> {
  await cp(from, to, { recursive: true });
  const file = join(to, 'model.safetensors');
  const { tensors, metadata } = readSafetensors(await readFile(file));
  const other = [...tensors].map(([name, tensor]) => {
    const bytes = new Uint8Array(tensor.bytes);
    const width = bytes.byteLength / tensor.shape.reduce((product, size) => product * size, 1);
    // Little-endian: the sign is in an element's last byte.
    for (let at = width - 1; at < bytes.byteLength; at += 3 * width) bytes[at] = (bytes[at] ?? 0) ^ 0x80;
    return [name, { ...tensor, bytes }] as const;
  });
  await writeFile(file, writeSafetensors(new Map(other), metadata));
}
