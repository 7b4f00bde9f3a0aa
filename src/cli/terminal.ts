/** All output of the command line. What models, servers and files say must not steer the reader's terminal. */
import { printable } from '../formats/printable.ts';
import { paintTables } from './paint.ts';

/** The text as it may go to the stream: escaped for a terminal, unchanged for a file or another program. */
export const forStream = (text: string, stream: NodeJS.WritableStream): string =>
  'isTTY' in stream && stream.isTTY === true ? printable(text) : text;

/** Columns of the reader's terminal; undefined for a file or another program, which get everything. */
export const terminalWidth = (): number | undefined =>
  process.stdout.isTTY === true ? process.stdout.columns : undefined;

/** Data for programs, or the text of a model: unchanged unless the reader is a terminal. */
export function write(text: string): void {
  process.stdout.write(forStream(text, process.stdout));
}

/** A line or lines for people. */
export function print(text: string): void {
  process.stdout.write(`${paintTables(printable(text), process.stdout)}\n`);
}

/** A message for people, next to the answer. */
export function printError(text: string): void {
  process.stderr.write(`${printable(text)}\n`);
}
