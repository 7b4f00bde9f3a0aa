/** `data check` and `data list`: what is in a file, and whether it shares problems with another. */
import { createHash } from 'node:crypto';
import { type LineFault, parseProblems, readText } from './problem-file.ts';
import { DATASETS, type RegisteredDataset } from './registry.ts';
import { findLocalFile, type ResolveOptions } from './resolve.ts';

/** Two problems whose texts are the same up to case, white space and punctuation. */
export interface TextPair {
  readonly id: string;
  readonly otherId: string;
}

export interface DatasetCheck {
  readonly path: string;
  readonly problems: number;
  readonly faults: readonly LineFault[];
  /** Problems that repeat the text of an earlier one in the file. */
  readonly duplicates: readonly TextPair[];
  /** Problems whose text is in the other file too; absent without one. */
  readonly overlap?: readonly TextPair[];
}

/** Throws `ProblemFileError` only if a file can't be read: what is wrong inside is the result. */
export async function checkDataset(path: string, options: { readonly against?: string } = {}): Promise<DatasetCheck> {
  const { problems, faults } = parseProblems(await readText(path));
  const seen = new Map<string, string>();
  const duplicates: TextPair[] = [];
  for (const { id, problem } of problems) {
    const hash = textHash(problem);
    const otherId = seen.get(hash);
    if (otherId === undefined) seen.set(hash, id);
    else duplicates.push({ id, otherId });
  }
  const check = { path, problems: problems.length, faults, duplicates };
  if (options.against === undefined) return check;
  const others = parseProblems(await readText(options.against)).problems;
  const idOf = new Map(others.map((other) => [textHash(other.problem), other.id]));
  const overlap = problems.flatMap(({ id, problem }) => {
    const otherId = idOf.get(textHash(problem));
    return otherId === undefined ? [] : [{ id, otherId }];
  });
  return { ...check, overlap };
}

export interface ListedDataset {
  readonly dataset: RegisteredDataset;
  /** The file on this machine, if there is one. */
  readonly path?: string;
}

/** All registered data sets, and where they lie. */
export async function listDatasets(
  options: Pick<ResolveOptions, 'dataDirectory' | 'cacheDirectory'>,
): Promise<ListedDataset[]> {
  return await Promise.all(
    DATASETS.map(async (dataset) => {
      const path = await findLocalFile(dataset.name, options);
      return path === undefined ? { dataset } : { dataset, path };
    }),
  );
}

/** Equal for texts with the same letters, digits and operators in the same order, however they are typeset. */
export function textHash(problem: string): string {
  const bare = problem
    .normalize('NFKC')
    .toLowerCase()
    .replace(/\\(?:(?:left|right|displaystyle|quad)(?![a-z])|[,;!])/g, '')
    .replace(/[\s$.,;:!?'"‘’“”{}]+/g, '');
  return createHash('sha256').update(bare).digest('hex');
}
