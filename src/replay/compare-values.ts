/** Where two JSON values part, and by how much the numbers deviate that may. */

export interface ValueDifference {
  readonly path: string;
  readonly stored: unknown;
  readonly now: unknown;
}

/** How far the number at a path may deviate, and where to note that it did; undefined = not at all. */
export interface Nearness {
  readonly allowed: (path: string) => number | undefined;
  readonly note: (deviation: number) => void;
}

/** The first difference in the order of `now`; undefined if there is none but what `near` allows. */
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

/** A value as a short text; of two long strings the part around the place where they part. */
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
