import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { decodeText } from '../formats/decode-text.ts';
import { UsageError } from './exit.ts';

/**
 * Text of a file that a person names, `-` for standard input.
 *
 * @throws UsageError for a file that can't be read, or is no text in UTF-8 or UTF-16
 */
export async function readInput(file: string): Promise<string> {
  try {
    return decodeText(file === '-' ? await buffer(process.stdin) : await readFile(file));
  } catch (error) {
    throw new UsageError(`${file} can't be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}
