/** The one decoder of journals. An entry that can't be read is skipped with its name and the reason; nothing throws. */
import type { StoredEntry } from '../artifacts/types.ts';
import { type JournalEvent, journalEventSchema } from './journal.ts';
import type { SkippedEntry } from './skipped-entries.ts';

export interface DecodedJournal {
  /** In the order of the entries. */
  readonly events: readonly JournalEvent[];
  readonly skipped: readonly SkippedEntry[];
}

/**
 * Reads the entries of a campaign's journal.
 *
 * @example const { events, skipped } = decodeJournal('math', await store.readJournal('math'));
 */
export function decodeJournal(campaignId: string, entries: readonly StoredEntry[]): DecodedJournal {
  const events: JournalEvent[] = [];
  const skipped: SkippedEntry[] = [];
  for (const { name, text } of entries) {
    const decoded = decodeText(text);
    if ('event' in decoded) events.push(decoded.event);
    else skipped.push({ name: `${campaignId}/${name}`, reason: decoded.reason });
  }
  return { events, skipped };
}

type DecodedEvent = { readonly event: JournalEvent } | { readonly reason: string };

function decodeText(text: string): DecodedEvent {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { reason: error instanceof Error ? error.message : String(error) };
  }
  return decodeEvent(value);
}

/**
 * Reads one entry. Fields that this version does not know are kept, so that a newer version finds them again; anything
 * else that differs from the schema makes the entry unreadable.
 *
 * @param value any JSON value
 * @example decodeEvent({ at: '2026-11-30T12:00:00.000Z', kind: 'paused', details: { by: 'ada@lovelace' } })
 */
export function decodeEvent(value: unknown): DecodedEvent {
  const parsed = journalEventSchema.safeParse(value);
  const issues = (parsed.error?.issues ?? []).filter(({ code }) => code !== 'unrecognized_keys');
  // The schema transforms nothing, so an accepted value is an event.
  if (issues.length === 0) return { event: value as JournalEvent };
  const reasons = issues.map(({ code, path, message }) => {
    const place = path.join('.');
    const found = valueAt(value, path);
    if (code === 'invalid_union' && typeof found === 'string')
      return `${place} "${found.slice(0, 80)}" is unknown to this version`;
    return place === '' ? message : `${place}: ${message}`;
  });
  return { reason: reasons.join('; ') };
}

const valueAt = (value: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>((found, key) => (isObject(found) ? found[key] : undefined), value);

const isObject = (value: unknown): value is Readonly<Record<PropertyKey, unknown>> =>
  typeof value === 'object' && value !== null;

/** The field of a response that is present only if entries were skipped. */
export const ifAny = (skipped: readonly SkippedEntry[]): { skipped?: readonly SkippedEntry[] } =>
  skipped.length === 0 ? {} : { skipped };
