/** `data check` and `data preview` of a file of traces: everything but what only running the code shows. */
import { gradedText } from '../../grader/graded-text.ts';
import { graderFor } from '../../grader/grader-for.ts';
import { ownTurns } from '../../rollout/segments.ts';
import type { RolloutTemplate } from '../../rollout/template.ts';
import type { Arm, Problem } from '../../rollout/types.ts';
import { findOverlap, type TextPair } from '../text-pairs.ts';
import { renderTrace } from './render-trace.ts';
import type { Trace, UnreadableTrace } from './trace.ts';
import { readTraceFile } from './trace-file.ts';

export interface CheckedTrace extends Problem {
  /** `auto`: text before the code, which the code prefix of the template rules out. */
  readonly arm: Arm;
  readonly blocks: number;
  readonly verdict: 'correct' | 'incorrect' | 'undecided';
}

export interface TraceCheck {
  /** One line for people. */
  readonly description: string;
  readonly traces: readonly CheckedTrace[];
  readonly unreadable: readonly UnreadableTrace[];
  /** Traces whose problem is in the other set too; absent without another set. */
  readonly overlap?: readonly TextPair[];
}

/**
 * @param against - problems that must not be among the traces, e.g. those of an evaluation
 * @throws ProblemFileError for a file that is no file of traces
 */
export async function checkTraces(
  path: string,
  template: RolloutTemplate,
  against?: readonly Problem[],
): Promise<TraceCheck> {
  const file = await readTraceFile(path, { template });
  const unreadable = [...file.unreadable];
  const traces = file.traces.flatMap((trace): CheckedTrace[] => {
    const checked = checkTrace(trace, template);
    if ('reason' in checked) unreadable.push({ place: trace.id, reason: checked.reason });
    return 'reason' in checked ? [] : [checked];
  });
  const count = (arm: Arm): number => traces.filter((trace) => trace.arm === arm).length;
  const right = traces.filter(({ verdict }) => verdict === 'correct').length;
  return {
    description:
      `${traces.length + unreadable.length} traces of ${path}: ${count('cot')} without code, ${count('code')} with code, ` +
      `${count('auto')} with text before the code; ${right} answers are right, ${unreadable.length} traces can't be read`,
    traces,
    unreadable,
    ...(against === undefined ? {} : { overlap: findOverlap(traces, against) }),
  };
}

/** The answer is read from what the model wrote, so it needs no output. */
function checkTrace(trace: Trace, template: RolloutTemplate): CheckedTrace | { readonly reason: string } {
  const { id, problem, answer, turns } = trace;
  const results = turns.map(() => ({ end: 'ok', stdout: '' }) as const);
  const rendered = renderTrace(trace, results, { template, end: '', quote: (text) => text });
  if ('reason' in rendered) return rendered;
  const { arm, segments, blocks } = rendered;
  const { verdict } = graderFor(answer)(gradedText(ownTurns(segments, blocks)));
  return { id, problem, answer, arm, blocks: blocks.length, verdict };
}
