/** Names the KV of a row by all that determines its bits: the tokens, and where each turn of them ended. */
import { createHash } from 'node:crypto';
import type { Turn } from '../types.ts';

export function keptKeyOf(promptIds: readonly number[], ids: readonly number[], turns: readonly Turn[]): string {
  const lengths = turns.flatMap(({ written, appended }) => [written, appended]);
  const numbers = Int32Array.from([promptIds.length, lengths.length, ...lengths, ...promptIds, ...ids]);
  return createHash('sha256').update(numbers).digest('base64');
}

/** Adds what was written since the last turn, which goes on if nothing was appended at its end. */
export function withWritten(turns: readonly Turn[], written: number): Turn[] {
  const last = turns[turns.length - 1];
  if (written === 0) return [...turns];
  if (last?.appended === 0) return [...turns.slice(0, -1), { written: last.written + written, appended: 0 }];
  return [...turns, { written, appended: 0 }];
}

/** In one spelling: no empty turns, and none cut where nothing was appended. */
export function canonicalTurns(turns: readonly Turn[]): Turn[] {
  return turns.reduce<Turn[]>((sum, { written, appended }) => {
    const grown = withWritten(sum, written);
    const last = grown[grown.length - 1];
    if (appended === 0) return grown;
    if (last === undefined) return [{ written: 0, appended }];
    return [...grown.slice(0, -1), { written: last.written, appended: last.appended + appended }];
  }, []);
}
