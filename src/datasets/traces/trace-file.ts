/** Reads a file of traces: JSON lines, a JSON array, CSV or parquet, with a problem, its answer, and `messages` or `segments`. */
import { basename } from 'node:path';
import type { RolloutTemplate } from '../../rollout/template.ts';
import { chooseColumns, fieldOf, problemText } from '../columns.ts';
import { readGold } from '../gold.ts';
import { listFaults, ProblemFileError, readTable } from '../problem-file.ts';
import type { Row, RowFault, Table } from '../tables/table.ts';
import { readTurns } from './read-turns.ts';
import { readSpeeches, type Speech, traceList } from './speeches.ts';
import type { Trace, UnreadableTrace } from './trace.ts';

export interface TraceFile {
  readonly traces: readonly Trace[];
  readonly unreadable: readonly UnreadableTrace[];
}

/** A row in the right form, before its text is read. */
interface TraceRow {
  readonly place: string;
  readonly id: string;
  readonly problem: string;
  readonly answer: string;
  readonly speeches: readonly Speech[];
}

// Some hundred thousand traces take seconds. Yielding lets heartbeats and the API run, which share the thread.
const YIELD_EVERY = 200;

/**
 * @param template - the marks of its code are read besides fences and tags
 * @param limit - takes the first so many rows
 * @throws ProblemFileError if the file can't be read, or a row has no problem, answer or trace
 * @example const { traces, unreadable } = await readTraceFile('traces.jsonl', { template: TEMPLATES.markdown });
 */
export async function readTraceFile(
  path: string,
  { template, limit }: { readonly template: RolloutTemplate; readonly limit?: number | undefined },
): Promise<TraceFile> {
  const rows = await readTraceRows(path, limit);
  const traces: Trace[] = [];
  const unreadable: UnreadableTrace[] = [];
  for (const [index, { place, id, problem, answer, speeches }] of rows.entries()) {
    const turns = readTurns(speeches, template);
    if ('reason' in turns) unreadable.push({ place, reason: turns.reason });
    else traces.push({ id, problem, answer, turns });
    if (index % YIELD_EVERY === 0) await new Promise(setImmediate);
  }
  return { traces, unreadable };
}

/** Whether a file holds traces: some row has the model's text. */
export async function isTraceFile(path: string): Promise<boolean> {
  const { rows } = await readTable(path);
  return rows.slice(0, 100).some((row) => {
    const list = traceList(row);
    return list !== undefined && !('reason' in readSpeeches(list));
  });
}

async function readTraceRows(path: string, limit: number | undefined): Promise<TraceRow[]> {
  const table = await readTable(path);
  const rows = table.rows.slice(0, limit);
  const name = basename(path).replace(/\.[a-z]+$/i, '');
  const read = rows.length === 0 ? [] : readRows(withQuestions(rows), name);
  const faults = [...table.faults, ...('reason' in read ? [{ place: 'the columns', reason: read.reason }] : [])];
  const found: TraceRow[] = [];
  for (const row of 'reason' in read ? [] : read) {
    if ('reason' in row) faults.push(row);
    else found.push(row);
  }
  if (faults.length > 0)
    throw new ProblemFileError(
      `${path} is not a file of traces (JSON lines, JSON, CSV or parquet with a problem, its answer, and messages or segments):\n${listFaults(faults)}`,
    );
  if (found.length === 0) throw new ProblemFileError(`${path} holds no trace`);
  return found;
}

/** Where no row has a problem of its own, the first question of the trace is the problem. */
function withQuestions(rows: Table['rows']): Table['rows'] {
  if (!('reason' in chooseColumns(rows, {}))) return rows;
  return rows.map(({ place, fields }) => {
    const speeches = readSpeeches(traceList({ place, fields }) ?? []);
    const question = 'reason' in speeches ? undefined : speeches.findLast(isOpening(speeches));
    return { place, fields: question === undefined ? fields : { problem: question.text, ...fields } };
  });
}

/** A question before the first text of the model: of a system prompt and a problem the problem is the last. */
const isOpening =
  (speeches: readonly Speech[]) =>
  (speech: Speech, at: number): boolean =>
    speech.by === 'question' && speeches.slice(0, at).every(({ by }) => by === 'question');

function readRows(rows: readonly Row[], name: string): (TraceRow | RowFault)[] | { readonly reason: string } {
  const columns = chooseColumns(rows, {});
  if ('reason' in columns) return columns;
  return rows.map((row, index): TraceRow | RowFault => {
    const { place } = row;
    const given = columns.id === undefined ? undefined : fieldOf(row, columns.id);
    const problem = problemText(fieldOf(row, columns.problem));
    const answer = readGold(fieldOf(row, columns.answer), 'auto');
    const list = traceList(row);
    const speeches = list === undefined ? { reason: 'has no list "messages" or "segments"' } : readSpeeches(list);
    const reasons = [
      ...(problem === undefined || problem.trim() === '' ? [`has no text in "${columns.problem}"`] : []),
      ...('reason' in answer ? [`"${columns.answer}" ${answer.reason}`] : []),
      ...('reason' in speeches ? [speeches.reason] : []),
    ];
    if (problem === undefined || 'reason' in answer || 'reason' in speeches || reasons.length > 0)
      return { place, reason: reasons.join('; ') };
    const id = typeof given === 'string' || typeof given === 'number' ? String(given) : `${name}/${index}`;
    return { place, id, problem, answer: answer.gold, speeches };
  });
}
