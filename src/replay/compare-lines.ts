/** Compares JSON-lines blobs: finds the first line and field that differ, also if a line is damaged. */

import type { Difference } from '../protocol/replay-report.ts';
import { compareValues, excerptsOf, type Nearness } from './compare-values.ts';

type Line = Readonly<Record<string, unknown>>;

/** `nearOf` gives the tolerances of a line. The lines of `now` are valid; the stored lines may be damaged. */
export function compareLines(
  output: string,
  stored: Buffer,
  now: Buffer,
  nearOf?: (line: Line) => Nearness,
): Difference | undefined {
  const [left, right] = [linesOf(stored), linesOf(now)];
  for (let at = 0; at < Math.max(left.length, right.length); at += 1) {
    const [before, after] = [left[at], right[at]];
    if (before === after) continue;
    if (after === undefined)
      return { output, ...itemOf(parse(before)), field: `line ${at + 1}`, stored: 'present', now: 'absent' };
    const line = parse(after) ?? {};
    if (before === undefined)
      return { output, ...itemOf(line), field: `line ${at + 1}`, stored: 'absent', now: 'present' };
    const found = compareLine(before, line, after, nearOf?.(line));
    if (found !== undefined) return { output, ...itemOf(line), ...found };
  }
  return undefined;
}

function compareLine(
  before: string,
  line: Line,
  after: string,
  near: Nearness | undefined,
): Pick<Difference, 'field' | 'stored' | 'now'> | undefined {
  const stored = parse(before);
  if (stored === undefined) return { field: fieldAtFirstDifference(before, after), ...excerptsOf(before, after) };
  const found = compareValues(stored, line, near);
  if (found !== undefined) return { field: found.path, ...excerptsOf(found.stored, found.now) };
  // Equal values in different bytes, e.g. 1.0 for 1: the step does not write them so, and the bytes are reported.
  return near === undefined
    ? { field: fieldAtFirstDifference(before, after), ...excerptsOf(before, after) }
    : undefined;
}

/** The last key before the first character in which the lines differ. */
function fieldAtFirstDifference(before: string, after: string): string {
  let same = 0;
  while (same < after.length && before[same] === after[same]) same += 1;
  // The key that contains the character, or whose value contains it.
  const keys = [...after.matchAll(/"((?:[^"\\]|\\.)*)":/g)].filter((match) => match.index <= same);
  return keys.at(-1)?.[1] ?? 'the line';
}

const linesOf = (bytes: Buffer): string[] => {
  const lines = bytes.toString('utf8').split('\n');
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
};

function parse(text: string | undefined): Line | undefined {
  try {
    const value: unknown = JSON.parse(text ?? '');
    return typeof value === 'object' && value !== null ? (value as Line) : undefined;
  } catch {
    return undefined;
  }
}

/** Lines are of rollouts by their id, or of problems. */
function itemOf(line: Line | undefined): { readonly item?: string } {
  if (typeof line?.id === 'string') return { item: `rollout ${line.id}` };
  return typeof line?.problemId === 'string' ? { item: `problem ${line.problemId}` } : {};
}
