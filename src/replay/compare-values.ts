/** Finds the first difference of two JSON values, and the deviation of numbers that have a tolerance. */

export interface ValueDifference {
  readonly path: string;
  readonly stored: unknown;
  readonly now: unknown;
}

/** The tolerance of the number at a path, and where its deviation is noted; undefined = no deviation allowed. */
export interface Nearness {
  readonly allowed: (path: string) => number | undefined;
  readonly note: (deviation: number) => void;
}

/** The first difference in the order of `now`; undefined if all differences are within `near`. */
export function compareValues(stored: unknown, now: unknown, near?: Nearness, path = ''): ValueDifference | undefined {
  if (Object.is(stored, now)) return undefined;
  if (typeof stored === 'number' && typeof now === 'number') {
    const allowed = near?.allowed(path);
    const deviation = Math.abs(stored - now);
    if (near === undefined || allowed === undefined || !(deviation <= allowed)) return { path, stored, now };
    near.note(deviation);
    return undefined;
  }
  if (!isContainer(stored) || !isContainer(now) || Array.isArray(stored) !== Array.isArray(now))
    return { path, stored, now };
  const keys = new Set([...Object.keys(now), ...Object.keys(stored)]);
  for (const key of keys) {
    const below = Array.isArray(now) ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`;
    const found = compareValues(at(stored, key), at(now, key), near, below);
    if (found !== undefined) return found;
  }
  return undefined;
}

type Container = Readonly<Record<string, unknown>>;

const isContainer = (value: unknown): value is Container => typeof value === 'object' && value !== null;
const at = (container: Container, key: string): unknown => (Object.hasOwn(container, key) ? container[key] : undefined);

const EXCERPT = 60;

/** A value as a short text; for two long strings, the text around their first difference. */
export function excerptsOf(stored: unknown, now: unknown): { readonly stored: string; readonly now: string } {
  if (typeof stored !== 'string' || typeof now !== 'string') return { stored: textOf(stored), now: textOf(now) };
  let same = 0;
  while (same < stored.length && stored[same] === now[same]) same += 1;
  const from = Math.max(0, same - EXCERPT / 3);
  const cut = (text: string): string =>
    `${from > 0 ? '…' : ''}${JSON.stringify(text.slice(from, from + EXCERPT))}${text.length > from + EXCERPT ? '…' : ''}`;
  return { stored: cut(stored), now: cut(now) };
}

function textOf(value: unknown): string {
  const text = value === undefined ? 'absent' : JSON.stringify(value);
  return text.length > EXCERPT ? `${text.slice(0, EXCERPT)}…` : text;
}
