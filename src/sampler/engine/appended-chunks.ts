/** Appended tokens (a tool's output) that rows wait for. They are fed many at once, for several rows in one step where possible. */
import { cutOf, MAX_PREFILL_TOKENS } from './cuts.ts';
import type { Prompt } from './prompt-bank.ts';

interface Waiting {
  readonly row: { readonly chunk: readonly number[] };
  readonly prompt: Prompt;
}

export interface AppendedChunks {
  readonly prompt: Prompt;
  /** The first row; the others follow it. */
  readonly start: number;
  /** Tokens of each row in the step. How many depends on a row's own chunk only. */
  readonly tokensPerRow: number;
  /** What each row is fed, at most `tokensPerRow`. */
  readonly pieces: readonly (readonly number[])[];
}

/**
 * The next piece of the first row that waits, and those of the rows right behind it that have the same prompt and are
 * cut alike. Undefined if none waits.
 */
export function nextAppendedChunks(rows: readonly Waiting[]): AppendedChunks | undefined {
  const start = rows.findIndex(({ row }) => row.chunk.length > 0);
  const prompt = rows[start]?.prompt;
  if (prompt === undefined) return undefined;
  const waiting = rows
    .slice(start)
    .map(({ row, prompt }) => ({ prompt, ids: row.chunk, cut: cutOf(row.chunk.length)[0] }));
  const tokensPerRow = waiting[0]?.cut ?? 0;
  const others = waiting.findIndex((other) => other.prompt !== prompt || other.cut !== tokensPerRow);
  const most = Math.max(1, Math.floor(MAX_PREFILL_TOKENS / tokensPerRow));
  const alike = waiting.slice(0, Math.min(most, others === -1 ? waiting.length : others));
  return { prompt, start, tokensPerRow, pieces: alike.map(({ ids }) => ids.slice(0, tokensPerRow)) };
}
