/** Finds the columns of a data file that hold the problem, its answer and its id. */
import { nearestName } from '../config/nearest-name.ts';
import type { Row } from './tables/table.ts';

/** Names of columns in a campaign file; a dot selects a nested field, e.g. `reward_model.ground_truth`. */
export interface ColumnMapping {
  readonly problem?: string;
  readonly answer?: string;
  readonly id?: string;
}

export interface Columns {
  readonly problem: string;
  readonly answer: string;
  /** Absent: rows are numbered. */
  readonly id?: string;
}

/** Column names in published sets, the most specific first. */
const KNOWN = {
  problem: ['problem', 'question', 'Problem', 'Question', 'prompt', 'query', 'input', 'instruction', 'text'],
  answer: [
    'answer',
    'Answer',
    'final_answer',
    'gold',
    'ground_truth',
    'reward_model.ground_truth',
    'expected_answer',
    'target',
    'solution',
    'Solution',
    'output',
    'response',
    'label',
  ],
  id: ['id', 'ID', 'unique_id', 'idx', 'problem_id', 'uuid', 'extra_info.index'],
} as const satisfies Record<keyof Columns, readonly string[]>;

/**
 * Takes the named columns, and finds the others by the names that published sets use.
 *
 * @returns a reason if a named column does not exist, or none is found
 */
export function chooseColumns(rows: readonly Row[], mapping: ColumnMapping): Columns | { readonly reason: string } {
  const names = columnNames(rows);
  // Several rows are read, since the first one may lack a field that others have.
  const has = (path: string): boolean => rows.slice(0, 100).some((row) => fieldOf(row, path) !== undefined);
  for (const path of [mapping.problem, mapping.answer, mapping.id]) {
    if (path === undefined || has(path)) continue;
    const nearest = nearestName(path, names);
    const hint = nearest === undefined ? `there are ${names.join(', ')}` : `did you mean "${nearest}"?`;
    return { reason: `there is no column "${path}"; ${hint}` };
  }
  const problem = mapping.problem ?? KNOWN.problem.find(has);
  const answer = mapping.answer ?? KNOWN.answer.find(has);
  const id = mapping.id ?? KNOWN.id.find(has);
  if (problem === undefined || answer === undefined) {
    const missing = problem === undefined ? 'problem' : 'answer';
    return {
      reason: `no column looks like the ${missing}; name it with "${missing}: COLUMN"; there are ${names.join(', ')}`,
    };
  }
  return { problem, answer, ...(id === undefined ? {} : { id }) };
}

/** Columns of the first rows, in their order. */
export function columnNames(rows: readonly Row[]): string[] {
  return [...new Set(rows.slice(0, 100).flatMap(({ fields }) => Object.keys(fields)))];
}

/** The value at a column or, with dots, in a nested field; undefined for none and for null. */
export function fieldOf({ fields }: Row, path: string): unknown {
  if (Object.hasOwn(fields, path)) return fields[path] ?? undefined;
  let value: unknown = fields;
  for (const name of path.split('.')) {
    if (typeof value === 'string') value = parseNested(value);
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return value ?? undefined;
}

/** A nested field of a CSV file is JSON text. */
function parseNested(text: string): unknown {
  try {
    return text.startsWith('{') ? JSON.parse(text) : undefined;
  } catch {
    return undefined;
  }
}

/** The problem's text: a string, or the last user message of a conversation (verl's `prompt`), which CSV holds as JSON. */
export function problemText(value: unknown): string | undefined {
  if (typeof value === 'string') return problemText(parseMessages(value)) ?? value;
  if (!Array.isArray(value)) return undefined;
  const user = value.findLast((message) => message?.role === 'user' || message?.from === 'human');
  return contentText(user?.content ?? user?.value);
}

function parseMessages(text: string): unknown {
  if (!/^\s*\[\s*\{/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A message's content: a text, or parts of which all are text. */
function contentText(content: unknown): string | undefined {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content) || content.length === 0) return undefined;
  const parts = content.map((part) => (part?.type === 'text' ? part.text : undefined));
  return parts.every((part) => typeof part === 'string') ? parts.join('') : undefined;
}
