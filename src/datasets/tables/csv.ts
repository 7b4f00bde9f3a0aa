/** Comma- or tab-separated values with a header line (RFC 4180: quoted fields may hold line breaks). */
import { CsvError, parse } from 'csv-parse/sync';
import { decodeText } from '../../formats/decode-text.ts';
import type { Table } from './table.ts';

interface Parsed {
  readonly record: Readonly<Record<string, string>>;
  readonly info: { readonly lines: number };
}

export const readCsvTable = (bytes: Buffer): Table => readSeparated(bytes, ',');
export const readTsvTable = (bytes: Buffer): Table => readSeparated(bytes, '\t');

function readSeparated(bytes: Buffer, delimiter: string): Table {
  try {
    const parsed = parse(decodeText(bytes), {
      columns: true,
      delimiter,
      info: true,
      skip_empty_lines: true,
      // A quote in the middle of an unquoted field is text, as in LaTeX.
      relax_quotes: true,
    }) as unknown as Parsed[];
    return { rows: parsed.map(({ record, info }) => ({ place: `line ${info.lines}`, fields: record })), faults: [] };
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    return { rows: [], faults: [{ place: 'the table', reason: error.message }] };
  }
}
