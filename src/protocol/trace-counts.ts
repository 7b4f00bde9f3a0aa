/** Counts of a warm-up on traces, as its stage records them: `traces.kept`, and how many have which defect. */
import type { Counts } from './counts.ts';

/** What may be wrong with a trace, in the order in which it is looked for, and its name for people. */
export const TRACE_DEFECTS = {
  unreadable: 'not readable',
  tooLong: "longer than the model's context",
  failedCode: 'with failing code',
  wrongAnswer: 'with a wrong answer',
  undecided: 'with an undecided answer',
} as const;
export type TraceDefect = keyof typeof TRACE_DEFECTS;

const TRACE_DEFECT_NAMES = Object.keys(TRACE_DEFECTS) as readonly TraceDefect[];

export const traceCount = (name: string): string => `traces.${name}`;

/**
 * @returns undefined for counts of a stage that read no traces
 * @example describeTraces({ 'traces.read': 9, 'traces.kept': 8, 'traces.failedCode': 1 })
 * // '8 of 9 traces are learnt from; 1 with failing code'
 */
export function describeTraces(counts: Counts): string | undefined {
  const [read, kept] = [counts[traceCount('read')], counts[traceCount('kept')]];
  if (read === undefined || kept === undefined) return undefined;
  const found = TRACE_DEFECT_NAMES.flatMap((defect) => {
    const count = counts[traceCount(defect)] ?? 0;
    return count === 0 ? [] : [`${count} ${TRACE_DEFECTS[defect]}`];
  });
  return `${kept} of ${read} traces are learnt from${found.length === 0 ? '' : `; ${found.join(', ')}`}`;
}
