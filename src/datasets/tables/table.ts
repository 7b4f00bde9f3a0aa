/** Rows of a data file of any format: the columns of every row by name. */

export interface Row {
  /** Position of the row, for messages: its line, or its number from 1 in formats without lines. */
  readonly place: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** A row that could not be read. */
export interface RowFault {
  readonly place: string;
  readonly reason: string;
}

export interface Table {
  readonly rows: readonly Row[];
  readonly faults: readonly RowFault[];
}

/** Reads a whole file of one format. @throws Error for a file that is not of this format at all */
export type ReadTable = (bytes: Buffer) => Table | Promise<Table>;

/** The fault of a value that is not a JSON object; undefined for an object. */
export function describeNonObject(value: unknown): string | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? undefined : 'not a JSON object';
}
