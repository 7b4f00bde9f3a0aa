/** Parquet, the format of data sets on the Hugging Face Hub and in verl. */
import { parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import type { Table } from './table.ts';

export async function readParquetTable(bytes: Buffer): Promise<Table> {
  const { buffer, byteOffset, byteLength } = bytes;
  const file = buffer.slice(byteOffset, byteOffset + byteLength);
  const rows = await parquetReadObjects({ file: file as ArrayBuffer, compressors });
  return {
    rows: rows.map((fields, index) => ({
      place: `row ${index + 1}`,
      fields: toPlain(fields) as Record<string, unknown>,
    })),
    faults: [],
  };
}

/** Converts 64-bit integers and typed arrays to JSON values. */
function toPlain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (ArrayBuffer.isView(value)) return Array.from(value as unknown as ArrayLike<unknown>, toPlain);
  if (Array.isArray(value)) return value.map(toPlain);
  if (value instanceof Date || typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, toPlain(inner)]));
}
