/** Who says what in a row of a trace file: `messages` of a chat, or `segments` by their writers. */
import type { Row } from '../tables/table.ts';

export interface Speech {
  /** `prefix`: text that a template forced; `code`: code without marks. */
  readonly by: 'question' | 'prefix' | 'model' | 'code' | 'tool';
  readonly text: string;
}

/** Columns that hold a trace, and the names that files in use have for it. */
const COLUMNS = ['segments', 'messages', 'conversations', 'conversation'] as const;

const SPEAKERS: Readonly<Record<Speech['by'], readonly string[]>> = {
  question: ['user', 'human', 'system', 'developer', 'prompter'],
  prefix: ['prefix'],
  model: ['model', 'assistant', 'gpt', 'bot', 'rationale', 'text'],
  code: ['code', 'program', 'python'],
  tool: ['tool', 'function', 'output', 'ipython', 'interpreter', 'observation', 'environment', 'ipython_output'],
};

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The list of a row's trace; undefined for a row that has none. */
export function traceList({ fields }: Row): readonly unknown[] | undefined {
  for (const column of COLUMNS) {
    const value = parsed(fields[column]);
    if (Array.isArray(value)) return value;
  }
  return undefined;
}

/**
 * @returns a reason if an entry is not one of a trace
 * @example readSpeeches([{ role: 'assistant', content: '2' }]) // [{ by: 'model', text: '2' }]
 */
export function readSpeeches(list: readonly unknown[]): Speech[] | { readonly reason: string } {
  const speeches: Speech[] = [];
  for (const [index, entry] of list.entries()) {
    const read = readEntry(entry);
    if (typeof read === 'string') return { reason: `entry ${index + 1} ${read}` };
    speeches.push(...read);
  }
  if (!speeches.some(({ by }) => by === 'model' || by === 'code'))
    return { reason: 'it has no text of the model: an entry by "model", or of the role "assistant"' };
  return speeches;
}

function readEntry(entry: unknown): Speech[] | string {
  if (!isObject(entry)) return 'is not an object such as {"role": "assistant", "content": "…"}';
  const name = entry.by ?? entry.role ?? entry.from ?? entry.type;
  const by = speakerOf(name);
  if (by === undefined) return `is by ${JSON.stringify(name)}; known are ${Object.values(SPEAKERS).flat().join(', ')}`;
  const text = textOf(entry.text ?? entry.content ?? entry.value);
  const calls = readCalls(entry.tool_calls);
  if (calls === undefined) return 'has a tool call without code';
  if (text === undefined && calls.length === 0) return 'has no text: give it as "text" or "content"';
  return [...(text === undefined || text === '' ? [] : [{ by, text }]), ...calls];
}

const speakerOf = (name: unknown): Speech['by'] | undefined =>
  (Object.keys(SPEAKERS) as Speech['by'][]).find((by) => SPEAKERS[by].includes(String(name).toLowerCase()));

/** A text, or the text parts of a list. */
function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (!Array.isArray(value)) return undefined;
  const parts = value.map((part) => (isObject(part) && typeof part.text === 'string' ? part.text : undefined));
  return parts.includes(undefined) ? undefined : parts.join('');
}

/** Calls of a Python tool in the form of chat APIs; undefined if one holds no code. */
function readCalls(value: unknown): Speech[] | undefined {
  const calls = parsed(value);
  if (!Array.isArray(calls)) return [];
  const speeches = calls.map((call): Speech | undefined => {
    const target = isObject(call) && isObject(call.function) ? call.function : call;
    const code = isObject(target) ? codeOf(target.arguments ?? target.input) : undefined;
    return code === undefined ? undefined : { by: 'code', text: code };
  });
  return speeches.some((speech) => speech === undefined) ? undefined : (speeches as Speech[]);
}

/** Code as the only text among the arguments, or under a usual name, or as the arguments themselves. */
function codeOf(value: unknown): string | undefined {
  const given = parsed(value);
  if (typeof given === 'string') return given;
  if (!isObject(given)) return undefined;
  const texts = Object.values(given).filter((item) => typeof item === 'string');
  const named = ['code', 'python', 'source', 'query'].map((key) => given[key]).find((item) => typeof item === 'string');
  return named ?? (texts.length === 1 ? texts[0] : undefined);
}

/** Nested values are JSON texts in CSV files and in some parquet files. */
function parsed(value: unknown): unknown {
  if (typeof value !== 'string' || !/^\s*[[{]/.test(value)) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
