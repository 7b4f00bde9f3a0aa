/** Comma- or tab-separated values with a header line (RFC 4180: quoted fields may hold line breaks), as spreadsheets save them. */
import { CsvError, parse } from 'csv-parse/sync';
import { decodeText } from '../../formats/decode-text.ts';
import type { Table } from './table.ts';

interface Parsed {
  readonly record: Readonly<Record<string, string>>;
  readonly info: { readonly lines: number };
}

export function readCsvTable(bytes: Buffer): Table {
  // Excel's own first line.
  const [named, given] = /^sep=(.)\r?\n/i.exec(decodeText(bytes)) ?? [''];
  const text = decodeText(bytes).slice(named.length);
  return readSeparated(text, given ?? delimiterOf(text));
}

export const readTsvTable = (bytes: Buffer): Table => readSeparated(decodeText(bytes), '\t');

/** Some countries' spreadsheets write semicolons or tabs into .csv. A header that has a comma outside of quotes decides for it. */
function delimiterOf(text: string): string {
  const [header = ''] = text.replace(/"[^"]*"/g, '').split(/[\r\n]/);
  return [',', ';', '\t'].find((delimiter) => header.includes(delimiter)) ?? ',';
}

function readSeparated(text: string, delimiter: string): Table {
  try {
    const parsed = parse(text, {
      columns: distinct,
      delimiter,
      info: true,
      skip_empty_lines: true,
      // Blanks around an unquoted field are no part of it.
      trim: true,
      // A quote in the middle of an unquoted field is text, as in LaTeX.
      relax_quotes: true,
    }) as unknown as Parsed[];
    return { rows: parsed.map(({ record, info }) => ({ place: `line ${info.lines}`, fields: record })), faults: [] };
  } catch (error) {
    if (!(error instanceof CsvError || error instanceof HeaderError)) throw error;
    return { rows: [], faults: [{ place: 'the table', reason: error.message }] };
  }
}

class HeaderError extends Error {}

/** The header as it is: of two columns of one name one would silently take the other's place. Blank names are columns without use. */
function distinct(header: readonly string[]): string[] {
  const twice = header.find((name, at) => name !== '' && header.indexOf(name) !== at);
  if (twice !== undefined)
    throw new HeaderError(`two columns are called ${JSON.stringify(twice)}; rename or remove one in the header line`);
  return [...header];
}
