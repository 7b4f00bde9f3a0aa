/** What `data check` and `data preview` print of a file of traces. */
import type { CheckedTrace, TraceCheck } from '../datasets/traces/check-traces.ts';
import { oneLine, shorten } from './short-text.ts';

export function renderTraceCheck({ description, traces, unreadable, overlap = [] }: TraceCheck): string {
  return [
    description,
    ...shorten(unreadable.map(({ place, reason }) => `${place} can't be read: ${reason}`)),
    ...shorten(
      traces.flatMap(({ id, verdict, answer }) =>
        verdict === 'correct'
          ? []
          : [`${id} is left out unless keep is all: its answer is ${verdict}, the gold ${answer}`],
      ),
    ),
    ...shorten(overlap.map((pair) => `${pair.id} is ${pair.otherId} of the other set`)),
  ].join('\n');
}

const PREVIEWED = 5;

export const renderTracePreview = ({ description, traces }: TraceCheck): string =>
  [description, ...traces.slice(0, PREVIEWED).map(renderTrace)].join('\n');

const renderTrace = ({ id, problem, answer, arm, blocks, verdict }: CheckedTrace): string =>
  `\n${id}\n  ${oneLine(problem)}\n  gold: ${answer}; the trace is ${verdict}, in the form ${arm}, with ${blocks} code blocks`;
