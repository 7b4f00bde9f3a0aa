/** Where two reports differ: for the check of a report against its store. */

/** Sums in another order or on another machine differ in the last bits. */
const TOLERANCE = 1e-9;

/** One line per value that differs, by its path. */
export function reportDifferences(written: unknown, computed: unknown, path = 'report'): string[] {
  if (typeof written === 'number' && typeof computed === 'number')
    return Math.abs(written - computed) <= TOLERANCE
      ? []
      : [`${path}: the report says ${written}, the store ${computed}`];
  if (!isObject(written) || !isObject(computed))
    return written === computed ? [] : [`${path}: the report says ${textOf(written)}, the store ${textOf(computed)}`];
  const names = [...new Set([...Object.keys(written), ...Object.keys(computed)])];
  return names.flatMap((name) => reportDifferences(written[name], computed[name], `${path}.${name}`));
}

/** Arrays too, by index. */
const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

const textOf = (value: unknown): string => (value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 80));
