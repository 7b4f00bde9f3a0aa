/** JSON lines: one value a line, UTF-8. */

export function writeJsonLines(values: Iterable<unknown>): Buffer {
  const lines: string[] = [];
  for (const value of values) lines.push(JSON.stringify(value));
  return Buffer.from(lines.length === 0 ? '' : `${lines.join('\n')}\n`, 'utf8');
}

/** Parses every line; the error for an invalid line names its number. The caller validates the values. */
export function readJsonLines<T>(bytes: Uint8Array | string, what = 'JSON lines'): T[] {
  const text = typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString('utf8');
  const values: T[] = [];
  let number = 0;
  for (const line of text.split('\n')) {
    number += 1;
    if (line.trim() === '') continue;
    try {
      values.push(JSON.parse(line) as T);
    } catch (error) {
      throw new Error(`${what}, line ${number}: not JSON (${error instanceof Error ? error.message : String(error)})`);
    }
  }
  return values;
}
