import { describeSkipped, type SkippedEntry } from '../protocol/skipped-entries.ts';

/** The text, and below it the journal entries that could not be read, if there are any. */
export function withSkipped(text: string, skipped: readonly SkippedEntry[] = []): string {
  return skipped.length === 0 ? text : `${text}\n${describeSkipped(skipped)}`;
}
