/** Entries of journals that could not be read. */

export interface SkippedEntry {
  /** The journal and the entry's name in it. */
  readonly name: string;
  readonly reason: string;
}

const NAMED = 5;

/** For people, e.g. `2 journal entries are skipped: math/….json: details.by: expected string`; empty if there are none. */
export function describeSkipped(skipped: readonly SkippedEntry[]): string {
  if (skipped.length === 0) return '';
  const named = skipped.slice(0, NAMED).map(({ name, reason }) => `${name}: ${reason}`);
  const more = skipped.length > NAMED ? `; and ${skipped.length - NAMED} more` : '';
  return `${skipped.length} journal ${skipped.length === 1 ? 'entry is' : 'entries are'} skipped: ${named.join('; ')}${more}`;
}
