/** Compares the tokens of rollouts: finds the first rollout, and in it the first token, log-prob or mask, that differs. */
import { readSafetensors, type SafetensorsFile, type TensorView, tensorValues } from '../formats/safetensors.ts';
import type { Deviation, Difference } from '../protocol/replay-report.ts';

/** Tolerance of the log-probs of equal tokens, in nats: a batch of another size changes the order of additions. */
export const LOG_PROB_TOLERANCE = 1e-4;

export type TokensComparison = Difference | { readonly deviation: Deviation } | undefined;

/** `ids` are the rollouts of `now` in the order of the rows. `now` is valid; the stored bytes may be damaged. */
export function compareTokens(
  stored: Buffer,
  now: Buffer,
  ids: readonly string[],
  tolerance = LOG_PROB_TOLERANCE,
): TokensComparison {
  const right = readSafetensors(now);
  const [lengths, columns] = [valuesOf(right, 'lengths'), ['lengths', 'ids', 'model_mask', 'log_probs'] as const];
  const left = tryRead(stored);
  if (left === undefined) return { output: 'tokens', field: 'header', stored: 'not a safetensors file', now: 'whole' };
  let largest = 0;
  for (const column of columns) {
    const [before, after] = [tryValues(left, column), valuesOf(right, column)];
    if (before === undefined)
      return { output: 'tokens', field: `header of ${column}`, stored: 'damaged', now: 'whole' };
    for (let at = 0; at < after.length; at += 1) {
      const [was, is] = [before[at], after[at]];
      if (was === is || (Number.isNaN(was) && Number.isNaN(is))) continue;
      const deviation = Math.abs((was ?? Number.NaN) - (is ?? Number.NaN));
      if (column === 'log_probs' && deviation <= tolerance) {
        largest = Math.max(largest, deviation);
        continue;
      }
      const { row, field } = placeOf(column, at, lengths);
      return {
        output: 'tokens',
        item: `rollout ${ids[row] ?? `in row ${row}`}`,
        field,
        stored: `${was ?? 'absent'}`,
        now: `${is}`,
      };
    }
    if (before.length > after.length)
      return { output: 'tokens', field: `length of ${column}`, stored: `${before.length}`, now: `${after.length}` };
  }
  if (largest > 0) return { deviation: { of: 'log-probs', largest, allowed: tolerance } };
  // Equal tensors in different bytes: the header differs without changing a value.
  return stored.equals(now) ? undefined : { output: 'tokens', field: 'header', stored: 'other bytes', now: 'whole' };
}

type Column = 'lengths' | 'ids' | 'model_mask' | 'log_probs';

/** A row holds prompt, prefix and completion in this order; masks and log-probs cover completions only. */
function placeOf(
  column: Column,
  at: number,
  lengths: ArrayLike<number>,
): { readonly row: number; readonly field: string } {
  if (column === 'lengths') {
    const names = ['promptIds.length', 'prefixIds.length', 'completionIds.length'];
    return { row: Math.floor(at / 3), field: names[at % 3] ?? '' };
  }
  let left = at;
  for (let row = 0; row * 3 < lengths.length; row += 1) {
    const [prompt = 0, prefix = 0, completion = 0] = [0, 1, 2].map((part) => lengths[row * 3 + part] ?? 0);
    const total = column === 'ids' ? prompt + prefix + completion : completion;
    if (left >= total) {
      left -= total;
      continue;
    }
    if (column === 'model_mask') return { row, field: `modelMask[${left}]` };
    if (column === 'log_probs') return { row, field: `logProbs[${left}]` };
    if (left < prompt) return { row, field: `promptIds[${left}]` };
    if (left < prompt + prefix) return { row, field: `prefixIds[${left - prompt}]` };
    return { row, field: `completionIds[${left - prompt - prefix}]` };
  }
  return { row: -1, field: `${column}[${at}]` };
}

function valuesOf(file: SafetensorsFile, name: string): Int32Array | Float32Array | Uint8Array {
  const tensor: TensorView | undefined = file.tensors.get(name);
  if (tensor === undefined) throw new Error(`rollout tokens have no tensor ${name}`);
  return tensorValues(tensor);
}

function tryRead(bytes: Buffer): SafetensorsFile | undefined {
  try {
    return readSafetensors(bytes);
  } catch {
    return undefined;
  }
}

function tryValues(file: SafetensorsFile, name: string): Int32Array | Float32Array | Uint8Array | undefined {
  try {
    return valuesOf(file, name);
  } catch {
    return undefined;
  }
}
