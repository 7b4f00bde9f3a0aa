/**
 * Compares two checkpoints of the same training: equal bit by bit, or within the rounding differences of other hardware.
 * The distance is relative to the length of the training's update, ‖θ' − θ‖ / ‖θ − θ_from‖. A distance relative to the
 * weights would be meaningless, since weights hardly change in a training.
 */
import { join } from 'node:path';
import { digestOfFile } from '../artifacts/digest.ts';
import type { Digest } from '../artifacts/types.ts';
import { SafetensorsReader } from '../formats/safetensors-file.ts';
import type { Deviation, Difference } from '../protocol/replay-report.ts';
import { floatsOf } from './floats.ts';

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

/** Reads differing files tensor by tensor, so that memory does not limit the size of a checkpoint. */
export async function compareCheckpoints(folders: CheckpointFolders): Promise<Difference | Deviation | undefined> {
  const { stored, now, from } = folders;
  for (const name of new Set([...Object.keys(now.files), ...Object.keys(stored.files)])) {
    const [before, after] = [stored.files[name], now.files[name]];
    const there = { output: 'checkpoint', item: `file ${name}`, field: 'presence' };
    if (before === undefined) return { ...there, stored: 'absent', now: 'present' };
    if (after === undefined) return { ...there, stored: 'present', now: 'absent' };
  }
  let deviation: Deviation | undefined;
  for (const [name, after] of Object.entries(now.files)) {
    const path = (folder: { readonly directory: string }): string => join(folder.directory, name);
    const actual = await digestOfFile(path(stored));
    if (actual === after.digest) continue;
    const damage = actual === stored.files[name]?.digest ? {} : { isDamaged: true as const };
    if (!name.endsWith('.safetensors'))
      return {
        output: 'checkpoint',
        item: `file ${name}`,
        field: 'bytes',
        stored: actual,
        now: after.digest,
        ...damage,
      };
    const weights = await compareWeights(path(stored), path(now), path(from)).catch((error: unknown) => ({
      worst: { field: 'header', stored: error instanceof Error ? error.message : `${error}`, now: 'whole' },
      distance: Number.NaN,
    }));
    if (damage.isDamaged === undefined && weights.distance <= WEIGHTS_TOLERANCE) {
      const largest = Math.max(weights.distance, deviation?.largest ?? 0);
      deviation = { of: "weights, of the update's length", largest, allowed: WEIGHTS_TOLERANCE };
      continue;
    }
    return { output: 'checkpoint', item: `file ${name}`, ...weights.worst, ...damage };
  }
  return deviation;
}

interface WeightsComparison {
  /** ‖θ' − θ‖ / ‖θ − θ_from‖ over all tensors. */
  readonly distance: number;
  /** The weight that differs most. */
  readonly worst: Pick<Difference, 'field' | 'stored' | 'now'>;
}

async function compareWeights(stored: string, now: string, from: string): Promise<WeightsComparison> {
  const readers: SafetensorsReader[] = [];
  try {
    for (const path of [stored, now, from]) readers.push(await SafetensorsReader.open(path));
    const [left, right, parent] = readers as [SafetensorsReader, SafetensorsReader, SafetensorsReader];
    let [apart, moved, largest] = [0, 0, -1];
    let worst = { field: 'header', stored: 'other bytes', now: 'as written' };
    for (const [tensor, { type, shape }] of right.places) {
      const before = left.places.get(tensor);
      if (before === undefined || before.type !== type || `${before.shape}` !== `${shape}`) {
        const was = before === undefined ? 'absent' : `${before.type} [${before.shape}]`;
        return { distance: Number.NaN, worst: { field: tensor, stored: was, now: `${type} [${shape}]` } };
      }
      const base = parent.places.get(tensor);
      const hasBase = base !== undefined && base.type === type && `${base.shape}` === `${shape}`;
      const bases = hasBase ? parent.chunks(tensor) : undefined;
      const others = left.chunks(tensor);
      let offset = 0;
      for await (const chunk of right.chunks(tensor)) {
        const is = floatsOf(type, chunk);
        const was = floatsOf(type, (await others.next()).value as Uint8Array);
        const started = bases === undefined ? undefined : floatsOf(type, (await bases.next()).value as Uint8Array);
        for (let at = 0; at < is.length; at += 1) {
          const [a, b] = [was[at] ?? 0, is[at] ?? 0];
          moved += (a - (started?.[at] ?? 0)) ** 2;
          if (Object.is(a, b)) continue;
          const by = Math.abs(a - b);
          apart += by * by;
          if (by > largest || Number.isNaN(by)) {
            largest = Number.isNaN(by) ? Number.POSITIVE_INFINITY : by;
            worst = { field: `${tensor}[${offset + at}]`, stored: `${a}`, now: `${b}` };
          }
        }
        offset += is.length;
      }
    }
    return { distance: Math.sqrt(apart / moved), worst };
  } finally {
    for (const reader of readers) await reader.close();
  }
}
