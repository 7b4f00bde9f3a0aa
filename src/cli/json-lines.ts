/** Files with one JSON object a line, as the stand-alone tools take them. */
import type { z } from 'zod';
import { UsageError } from './exit.ts';
import { readInput } from './read-input.ts';

/** Reads and checks every line before any work starts; `-` is standard input. Throws UsageError with file and line. */
export async function readJsonLines<Schema extends z.ZodType>(
  file: string,
  schema: Schema,
): Promise<z.infer<Schema>[]> {
  const content = await readInput(file);
  const values: z.infer<Schema>[] = [];
  for (const [index, line] of content.split('\n').entries()) {
    if (line.trim() === '') continue;
    const fail = (what: string): UsageError => new UsageError(`${file}, line ${index + 1}: ${what}`);
    let json: unknown;
    try {
      json = JSON.parse(line);
    } catch (error) {
      throw fail(`not JSON (${error instanceof Error ? error.message : error})`);
    }
    const parsed = schema.safeParse(json);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      throw fail(`${issue?.path.join('.') || 'the line'}: ${issue?.message}`);
    }
    values.push(parsed.data);
  }
  if (values.length === 0) throw new UsageError(`${file} holds no line`);
  return values;
}
