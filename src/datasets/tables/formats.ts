/** Data formats by file extension. A new format is a file in this folder and a line here. */
import { type DataEnding, endingOf } from '../../config/problem-source.ts';
import { readCsvTable, readTsvTable } from './csv.ts';
import { readJsonTable } from './json.ts';
import { readParquetTable } from './parquet.ts';
import type { ReadTable } from './table.ts';

const TABLE_FORMATS: Readonly<Record<DataEnding, ReadTable>> = {
  jsonl: readJsonTable,
  ndjson: readJsonTable,
  json: readJsonTable,
  csv: readCsvTable,
  tsv: readTsvTable,
  parquet: readParquetTable,
};

/** The format's reader; JSON for a name with another ending or none. */
export function formatOf(path: string): ReadTable {
  const ending = endingOf(path);
  return ending === undefined ? readJsonTable : TABLE_FORMATS[ending];
}
