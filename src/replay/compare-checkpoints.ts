/**
 * Compares two checkpoints of the same training: equal bit by bit, or within the rounding differences of other hardware.
 * The distance is relative to the length of the training's update, ‖θ' − θ‖ / ‖θ − θ_from‖. A distance relative to the
 * weights would be meaningless, since weights hardly change in a training.
 */
import { join } from 'node:path';
import { digestOfFile } from '../artifacts/digest.ts';
import type { Digest } from '../artifacts/types.ts';
import { SafetensorsReader } from '../formats/safetensors-file.ts';
import { addRemainder, openRemainder, REMAINDER_FILE } from '../models/remainder.ts';
import type { Deviation, Difference } from '../protocol/replay-report.ts';
import { floatsOf } from './floats.ts';

/** Of a checkpoint that the trainer wrote. */
const WEIGHTS_FILE = 'model.safetensors';

/** Relative to the length of the update. Measured on one machine: 0 (bit by bit); other thread counts: see test/integration/replay. */
export const WEIGHTS_TOLERANCE = 0.01;

export interface CheckpointFolders {
  /** Includes the digests that its files are stored under. */
  readonly stored: {
    readonly directory: string;
    readonly files: Readonly<Record<string, { readonly digest: Digest }>>;
  };
  readonly now: { readonly directory: string; readonly files: Readonly<Record<string, { readonly digest: Digest }>> };
  /** Checkpoint that both were trained from. */
  readonly from: { readonly directory: string };
}

/**
 * Reads differing files tensor by tensor, so that memory does not limit the size of a checkpoint. Weights count as the fp32 values
 * that they are together with their remainder: a checkpoint in fp32 equals one in bf16 with a remainder.
 */
export async function compareCheckpoints(folders: CheckpointFolders): Promise<Difference | Deviation | undefined> {
  const { stored, now, from } = folders;
  const names = new Set([...Object.keys(now.files), ...Object.keys(stored.files)]);
  names.delete(REMAINDER_FILE);
  for (const name of names) {
    const [before, after] = [stored.files[name], now.files[name]];
    const there = { output: 'checkpoint', item: `file ${name}`, field: 'presence' };
    if (before === undefined) return { ...there, stored: 'absent', now: 'present' };
    if (after === undefined) return { ...there, stored: 'present', now: 'absent' };
  }
  let deviation: Deviation | undefined;
  for (const name of names) {
    const parts = name === WEIGHTS_FILE ? [name, REMAINDER_FILE] : [name];
    const found = await Promise.all(parts.map((part) => statusOf(folders, part)));
    if (found.every(({ isEqual }) => isEqual)) continue;
    const damage = found.some(({ isDamaged }) => isDamaged) ? { isDamaged: true as const } : {};
    const item = `file ${name}`;
    if (!name.endsWith('.safetensors')) {
      const { actual = 'absent' } = found[0] ?? {};
      const after = now.files[name]?.digest ?? 'absent';
      return { output: 'checkpoint', item, field: 'bytes', stored: actual, now: after, ...damage };
    }
    const directories = [stored.directory, now.directory, from.directory] as const;
    const weights = await compareWeights(directories, name).catch((error: unknown) => ({
      worst: { field: 'header', stored: error instanceof Error ? error.message : `${error}`, now: 'whole' },
      distance: Number.NaN,
    }));
    if (damage.isDamaged === undefined && weights.distance <= WEIGHTS_TOLERANCE) {
      const largest = Math.max(weights.distance, deviation?.largest ?? 0);
      deviation = { of: "weights, of the update's length", largest, allowed: WEIGHTS_TOLERANCE };
      continue;
    }
    return { output: 'checkpoint', item, ...weights.worst, ...damage };
  }
  return deviation;
}

interface FileStatus {
  /** Digest of the bytes that lie in the store; absent for a file that neither should be there nor is. */
  readonly actual?: Digest;
  readonly isEqual: boolean;
  /** Whether the stored file has other bytes than it was stored with. */
  readonly isDamaged: boolean;
}

async function statusOf({ stored, now }: CheckpointFolders, name: string): Promise<FileStatus> {
  const [before, after] = [stored.files[name]?.digest, now.files[name]?.digest];
  if (before === undefined) return { isEqual: after === undefined, isDamaged: false };
  const actual = await digestOfFile(join(stored.directory, name));
  return { actual, isEqual: actual === after, isDamaged: actual !== before };
}

interface WeightsComparison {
  /** ‖θ' − θ‖ / ‖θ − θ_from‖ over all tensors. */
  readonly distance: number;
  /** The weight that differs most. */
  readonly worst: Pick<Difference, 'field' | 'stored' | 'now'>;
}

/** Values that are compared at once. */
const PIECE = 2 ** 21;

/** A file of weights with its remainder, if it has one. */
class Weights {
  readonly #file: SafetensorsReader;
  readonly #remainder: SafetensorsReader | undefined;

  private constructor(file: SafetensorsReader, remainder: SafetensorsReader | undefined) {
    this.#file = file;
    this.#remainder = remainder;
  }

  static async open(directory: string, name: string): Promise<Weights> {
    const file = await SafetensorsReader.open(join(directory, name));
    return new Weights(file, name === WEIGHTS_FILE ? await openRemainder(directory) : undefined);
  }

  get tensors(): Iterable<string> {
    return this.#file.places.keys();
  }

  shapeOf(tensor: string): string | undefined {
    const place = this.#file.places.get(tensor);
    return place === undefined ? undefined : `[${place.shape}]`;
  }

  /** `PIECE` values at a time. */
  async *values(tensor: string): AsyncGenerator<Float32Array | Float64Array> {
    const place = this.#file.places.get(tensor);
    if (place === undefined) return;
    const count = place.shape.reduce((product, size) => product * size, 1);
    const width = count === 0 ? 1 : (place.end - place.start) / count;
    const isRest = place.type === 'BF16' && this.#remainder?.places.has(tensor) === true;
    const rests = isRest ? this.#remainder?.chunks(tensor, PIECE * Int16Array.BYTES_PER_ELEMENT) : undefined;
    for await (const bytes of this.#file.chunks(tensor, PIECE * width)) {
      const values = floatsOf(place.type, bytes);
      const rest = await rests?.next();
      if (rest?.done === false && values instanceof Float32Array) addRemainder(rest.value, values);
      yield values;
    }
  }

  async close(): Promise<void> {
    await this.#file.close();
    await this.#remainder?.close();
  }
}

async function compareWeights(
  directories: readonly [stored: string, now: string, from: string],
  name: string,
): Promise<WeightsComparison> {
  const opened: Weights[] = [];
  try {
    for (const directory of directories) opened.push(await Weights.open(directory, name));
    const [left, right, parent] = opened as [Weights, Weights, Weights];
    let [apart, moved, largest] = [0, 0, -1];
    let worst = { field: 'header', stored: 'other bytes', now: 'as written' };
    for (const tensor of right.tensors) {
      const [was, is] = [left.shapeOf(tensor), right.shapeOf(tensor)];
      if (was !== is) return { distance: Number.NaN, worst: { field: tensor, stored: was ?? 'absent', now: `${is}` } };
      const bases = parent.shapeOf(tensor) === is ? parent.values(tensor) : undefined;
      const others = left.values(tensor);
      let offset = 0;
      for await (const values of right.values(tensor)) {
        const before = ((await others.next()).value ?? []) as ArrayLike<number>;
        const started = (await bases?.next())?.value as ArrayLike<number> | undefined;
        for (let at = 0; at < values.length; at += 1) {
          const [a, b] = [before[at] ?? 0, values[at] ?? 0];
          moved += (a - (started?.[at] ?? 0)) ** 2;
          if (Object.is(a, b)) continue;
          const by = Math.abs(a - b);
          apart += by * by;
          if (by > largest || Number.isNaN(by)) {
            largest = Number.isNaN(by) ? Number.POSITIVE_INFINITY : by;
            worst = { field: `${tensor}[${offset + at}]`, stored: `${a}`, now: `${b}` };
          }
        }
        offset += values.length;
      }
    }
    return { distance: apart === 0 ? 0 : Math.sqrt(apart / moved), worst };
  } finally {
    for (const weights of opened) await weights.close();
  }
}
