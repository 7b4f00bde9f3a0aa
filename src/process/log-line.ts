import { printable } from '../formats/printable.ts';

/** Writes to the log of this process. The text may quote a model or a server. */
export function logLine(text: string): void {
  process.stderr.write(`${printable(text)}\n`);
}
