/** Names the KV of a row by all that determines its bits: the tokens, and where each turn of them ended. */
import { createHash } from 'node:crypto';
import type { Turn } from '../types.ts';

export function keptKeyOf(promptIds: readonly number[], ids: readonly number[], turns: readonly Turn[]): string {
  const lengths = turns.flatMap(({ written, told }) => [written, told]);
  const numbers = Int32Array.from([promptIds.length, lengths.length, ...lengths, ...promptIds, ...ids]);
  return createHash('sha256').update(numbers).digest('base64');
}

/** Adds what was written since the last turn, which goes on if nothing was told at its end. */
export function withWritten(turns: readonly Turn[], written: number): Turn[] {
  const last = turns[turns.length - 1];
  if (written === 0) return [...turns];
  if (last?.told === 0) return [...turns.slice(0, -1), { written: last.written + written, told: 0 }];
  return [...turns, { written, told: 0 }];
}

/** In one spelling: no empty turns, and none cut where nothing was told. */
export function canonicalTurns(turns: readonly Turn[]): Turn[] {
  return turns.reduce<Turn[]>((sum, { written, told }) => {
    const grown = withWritten(sum, written);
    const last = grown[grown.length - 1];
    if (told === 0) return grown;
    if (last === undefined) return [{ written: 0, told }];
    return [...grown.slice(0, -1), { written: last.written, told: last.told + told }];
  }, []);
}
