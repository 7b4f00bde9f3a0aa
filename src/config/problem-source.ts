/** Sources of problems: the values of `from:` in a campaign file. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

/** Endings of data files that are read. */
export const DATA_ENDINGS = ['jsonl', 'ndjson', 'json', 'csv', 'tsv', 'parquet'] as const;
export type DataEnding = (typeof DATA_ENDINGS)[number];

export type ProblemSource =
  /** A generator or a registered data set. */
  | { readonly kind: 'name'; readonly name: string }
  /** A data file, or a folder of them. */
  | { readonly kind: 'path'; readonly path: string }
  /** A data set of the Hugging Face Hub. */
  | { readonly kind: 'hub'; readonly id: string };

const HUB_ID = /^[A-Za-z0-9][\w.-]*\/[A-Za-z0-9][\w.-]*$/;

export function endingOf(path: string): DataEnding | undefined {
  const ending = path.slice(path.lastIndexOf('.') + 1).toLowerCase();
  return DATA_ENDINGS.find((known) => known === ending);
}

/**
 * `owner/name` is an id of the Hub; a folder of that form is given as `./owner/name`, or exists.
 *
 * @example
 * parseProblemSource('openai/gsm8k'); // { kind: 'hub', id: 'openai/gsm8k' }
 */
export function parseProblemSource(from: string): ProblemSource {
  if (endingOf(from) !== undefined) return { kind: 'path', path: from };
  if (HUB_ID.test(from)) return { kind: 'hub', id: from };
  return /[\\/]/.test(from) || from.startsWith('.') ? { kind: 'path', path: from } : { kind: 'name', name: from };
}

/** The same source from any working directory. An existing file or folder has priority over an id of the Hub. */
export function absoluteSource(from: string, folder: string): string {
  switch (parseProblemSource(from).kind) {
    case 'name':
      return from;
    case 'path':
      return resolve(folder, from);
    case 'hub':
      return existsSync(resolve(folder, from)) ? resolve(folder, from) : from;
  }
}
