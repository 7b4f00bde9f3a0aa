/** JSON: one object a line, or one array of objects (also inside of an object, `{"version": 1, "data": [...]}`). */
import { decodeText } from '../../formats/decode-text.ts';
import { parseJson } from '../../formats/parse-json.ts';
import { describeNonObject, type Row, type RowFault, type Table } from './table.ts';

export function readJsonTable(bytes: Buffer): Table {
  const text = decodeText(bytes);
  const array = findArray(text);
  return array === undefined ? readLines(text) : readArray(array);
}

/** The array of a file that is one JSON value; undefined for JSON lines. */
function findArray(text: string): unknown[] | undefined {
  const start = text.trimStart()[0];
  if (start !== '[' && start !== '{') return undefined;
  let value: unknown;
  try {
    value = parseJson(text);
  } catch {
    return undefined;
  }
  if (Array.isArray(value)) return value;
  if (typeof value !== 'object' || value === null) return undefined;
  // A single line of JSON lines is an object too: with further fields only a name that tables have says that it is none.
  const entries = Object.entries(value);
  const [, rows] = entries.length === 1 ? (entries[0] ?? []) : (entries.find(([name]) => TABLES.has(name)) ?? []);
  return Array.isArray(rows) && rows.every((row) => describeNonObject(row) === undefined) ? rows : undefined;
}

const TABLES = new Set(['data', 'rows', 'examples', 'instances', 'problems', 'questions', 'train', 'test']);

function readArray(values: readonly unknown[]): Table {
  const rows: Row[] = [];
  const faults: RowFault[] = [];
  for (const [index, value] of values.entries()) {
    const place = `row ${index + 1}`;
    const reason = describeNonObject(value);
    if (reason === undefined) rows.push({ place, fields: value as Row['fields'] });
    else faults.push({ place, reason });
  }
  return { rows, faults };
}

function readLines(text: string): Table {
  const rows: Row[] = [];
  const faults: RowFault[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '') continue;
    const place = `line ${index + 1}`;
    let value: unknown;
    try {
      value = parseJson(line);
    } catch (error) {
      // The place has the line.
      const reason = error instanceof Error ? error.message.replace(' at line 1,', ' at') : 'not JSON';
      faults.push({ place, reason });
      continue;
    }
    const reason = describeNonObject(value);
    if (reason === undefined) rows.push({ place, fields: value as Row['fields'] });
    else faults.push({ place, reason });
  }
  return { rows, faults };
}
