/** `data check`, `data preview` and `data list`: the content of a set of problems, and its overlap with another set. */
import type { ProblemsConfig } from '../config/campaign.ts';
import { ConfigError } from '../config/config-error.ts';
import { compileGold, isGoldError } from '../grader/grade.ts';
import type { Problem } from '../rollout/types.ts';
import { checkProblems, type TextGold } from './check-problems.ts';
import type { Columns } from './columns.ts';
import { parseProblemFile } from './problem-file.ts';
import { DATASETS, type RegisteredDataset } from './registry.ts';
import { findFiles, findLocalFile, formatOf, type ResolveOptions, resolveProblems } from './resolve.ts';
import { findDuplicates, findOverlap, type TextPair } from './text-pairs.ts';

export interface DatasetCheck {
  /** One line for people. */
  readonly description: string;
  readonly problems: number;
  /** The error of a campaign's dry run with these problems; absent if there is none. */
  readonly mistake?: string;
  /** Golds that are graded as text. */
  readonly asText: readonly TextGold[];
  /** Problems that repeat the text of an earlier one. */
  readonly duplicates: readonly TextPair[];
  /** Problems whose text is in the other set too; absent without another set. */
  readonly overlap?: readonly TextPair[];
}

/**
 * Checks a set of problems as the dry run of a campaign does.
 *
 * @throws ProblemFileError for an unreadable file, UnknownDatasetError for an unknown name
 */
export async function checkDataset(
  source: ProblemsConfig,
  options: ResolveOptions,
  against?: ProblemsConfig,
): Promise<DatasetCheck> {
  const { problems, description } = await resolveProblems(source, options);
  const others = against === undefined ? undefined : (await resolveProblems(against, options)).problems;
  return {
    description,
    problems: problems.length,
    ...checkGolds(problems),
    duplicates: findDuplicates(problems),
    ...(others === undefined ? {} : { overlap: findOverlap(problems, others) }),
  };
}

function checkGolds(problems: readonly Problem[]): Pick<DatasetCheck, 'mistake' | 'asText'> {
  try {
    return { asText: checkProblems('given', problems) };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { mistake: error.message, asText: [] };
  }
}

const PREVIEWED = 5;

export interface DatasetPreview {
  readonly description: string;
  /** Columns of the first file; empty for generators. */
  readonly columnNames: readonly string[];
  readonly columns?: Columns;
  readonly problems: readonly {
    readonly id: string;
    readonly problem: string;
    readonly gold: string;
    /** The kind that the grader reads the gold as: `number`, `set`, `text`, …, or the reason why it can't read it. */
    readonly kind: string;
  }[];
}

/** The columns of a set, and its first problems with their golds as the grader reads them. @throws as `checkDataset` */
export async function previewDataset(source: ProblemsConfig, options: ResolveOptions): Promise<DatasetPreview> {
  const { problems, description } = await resolveProblems(source, options);
  const [first] = await findFiles(source, options);
  const parsed = first === undefined ? undefined : await parseProblemFile(first, formatOf(source));
  return {
    description,
    columnNames: parsed?.columnNames ?? [],
    ...(parsed?.columns === undefined ? {} : { columns: parsed.columns }),
    problems: problems.slice(0, PREVIEWED).map(({ id, problem, answer }) => ({
      id,
      problem,
      gold: answer,
      kind: kindOf(answer),
    })),
  };
}

/** The kind that the grader reads a gold as, or the reason why it can't read it. */
export function kindOf(answer: string): string {
  const gold = compileGold(answer);
  return isGoldError(gold) ? gold.error : gold.kind;
}

export interface ListedDataset {
  readonly dataset: RegisteredDataset;
  /** The file on this machine, if there is one. */
  readonly path?: string;
}

/** All registered data sets, and the paths of local copies. */
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
