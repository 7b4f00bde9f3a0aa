/**
 * Reads problem files of users: JSON lines, a JSON array, CSV, TSV or parquet, with a problem and an answer column.
 * Errors are reported by line before any work starts.
 */
import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { decodeText } from '../formats/decode-text.ts';
import { readRegularFile, UnfitFileError } from '../formats/regular-file.ts';
import type { Problem } from '../rollout/types.ts';
import { type ColumnMapping, type Columns, chooseColumns, columnNames, fieldOf, problemText } from './columns.ts';
import { type GoldForm, readGold } from './gold.ts';
import { formatOf } from './tables/formats.ts';
import type { Row, RowFault, Table } from './tables/table.ts';

export interface ProblemFault extends RowFault {
  /** Only the answer is missing: some published sets have such problems. */
  readonly onlyAnswerMissing: boolean;
}

/** The columns as a campaign file names them. */
export interface ProblemFormat extends ColumnMapping {
  /** Default `auto`. */
  readonly gold?: GoldForm;
}

export interface ParsedProblems {
  readonly problems: readonly Problem[];
  readonly faults: readonly ProblemFault[];
  /** Published solutions with a marked answer, by problem id. Golds are checked against them. */
  readonly solutions: ReadonlyMap<string, string>;
  readonly columnNames: readonly string[];
  /** Absent if the columns could not be chosen. */
  readonly columns?: Columns;
}

/** A problem file is invalid. The message names the file and its first invalid lines. */
export class ProblemFileError extends Error {
  override readonly name = 'ProblemFileError';
}

const LFS_POINTER = 'version https://git-lfs';

/**
 * Parses every row of a file: valid rows become problems, invalid rows faults.
 *
 * @throws ProblemFileError only for a file that can't be read or decoded at all
 * @example await parseProblemFile('train.parquet', { problem: 'question', gold: 'after-hashes' })
 */
export async function parseProblemFile(path: string, format: ProblemFormat = {}): Promise<ParsedProblems> {
  return readProblems(await readTable(path), basename(path).replace(/\.[a-z]+$/i, ''), format);
}

/** The rows of a data file in any format. @throws ProblemFileError for a file that can't be read or decoded at all */
export async function readTable(path: string): Promise<Table> {
  const bytes = await readBytes(path);
  if (bytes.length === 0) throw new ProblemFileError(`${path} is empty`);
  if (bytes.toString('latin1', 0, LFS_POINTER.length) === LFS_POINTER)
    throw new ProblemFileError(
      `${path} is a Git LFS pointer, not the file it stands for; fetch it with \`git lfs pull\``,
    );
  try {
    return await formatOf(path)(bytes);
  } catch (error) {
    throw new ProblemFileError(`${path} can't be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** SHA-256 of a file. @throws ProblemFileError for a file that can't be read */
export const digestOfFile = async (path: string): Promise<string> =>
  createHash('sha256')
    .update(await readBytes(path))
    .digest('hex');

/** @param name of the set, which numbered ids begin with */
function readProblems({ rows, faults }: Table, name: string, format: ProblemFormat): ParsedProblems {
  const broken: ProblemFault[] = faults.map((fault) => ({ ...fault, onlyAnswerMissing: false }));
  const names = columnNames(rows);
  if (rows.length === 0) return { problems: [], faults: broken, solutions: new Map(), columnNames: names };
  const columns = chooseColumns(rows, format);
  if ('reason' in columns) {
    const fault = { place: 'the columns', reason: columns.reason, onlyAnswerMissing: false };
    return { problems: [], faults: [...broken, fault], solutions: new Map(), columnNames: names };
  }
  const problems: Problem[] = [];
  const solutions = new Map<string, string>();
  const placeOfId = new Map<string, string>();
  for (const [index, row] of rows.entries()) {
    const result = readRow(row, columns, format.gold ?? 'auto', `${name}/${index}`);
    if ('reason' in result) {
      broken.push({ place: row.place, ...result });
      continue;
    }
    const { problem, solution } = result;
    const first = placeOfId.get(problem.id);
    if (first !== undefined) {
      const reason = `id ${JSON.stringify(problem.id)} is already on ${first}`;
      broken.push({ place: row.place, reason, onlyAnswerMissing: false });
      continue;
    }
    placeOfId.set(problem.id, row.place);
    problems.push(problem);
    if (solution !== undefined) solutions.set(problem.id, solution);
  }
  return { problems, faults: broken, solutions, columnNames: names, columns };
}

type ReadRow =
  | { readonly problem: Problem; readonly solution: string | undefined }
  | { readonly reason: string; readonly onlyAnswerMissing: boolean };

function readRow(row: Row, columns: Columns, form: GoldForm, numbered: string): ReadRow {
  const given = columns.id === undefined ? undefined : fieldOf(row, columns.id);
  const id = given === undefined ? numbered : readId(given);
  const text = problemText(fieldOf(row, columns.problem));
  const answer = fieldOf(row, columns.answer);
  const read = readGold(answer, form);
  const reasons = [
    ...(id === undefined ? [`"${columns.id}" must be a text or a number`] : []),
    ...(text === undefined ? [`"${columns.problem}" must be a text, or messages with one of a user`] : []),
    ...(text?.trim() === '' ? [`"${columns.problem}" is empty`] : []),
    ...('reason' in read
      ? [answer === undefined ? `has no "${columns.answer}"` : `"${columns.answer}" ${read.reason}`]
      : []),
  ];
  if (id === undefined || text === undefined || 'reason' in read || reasons.length > 0)
    return { reason: reasons.join('; '), onlyAnswerMissing: reasons.length === 1 && answer === '' };
  return { problem: { id, problem: text, answer: read.gold }, solution: read.solution ?? solutionOf(row, columns) };
}

function readId(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
}

/** The solution column of a row, if the solution marks its own answer. */
function solutionOf(row: Row, { answer }: Columns): string | undefined {
  if (answer === 'solution') return undefined;
  const solution = fieldOf(row, 'solution');
  return typeof solution === 'string' && /####|\\boxed|<answer>/.test(solution) ? solution : undefined;
}

export interface ReadProblems extends Pick<ParsedProblems, 'problems' | 'solutions'> {
  /** Problems left out because they have no answer; 0 unless `leaveOutUnanswered`. */
  readonly withoutAnswer: number;
}

/**
 * Reads all problems of a file. Published data sets may hold problems without an answer (`leaveOutUnanswered`); in a
 * user's own file such a problem is an error.
 *
 * @throws ProblemFileError if the file is missing or empty, or any row is invalid
 */
export async function readProblemFile(
  path: string,
  options: { readonly leaveOutUnanswered?: boolean; readonly format?: ProblemFormat } = {},
): Promise<ReadProblems> {
  const { problems, faults, solutions } = await parseProblemFile(path, options.format);
  const excused = options.leaveOutUnanswered === true ? faults.filter((fault) => fault.onlyAnswerMissing) : [];
  const broken = faults.filter((fault) => !excused.includes(fault));
  if (broken.length > 0) {
    throw new ProblemFileError(
      `${path} is not a file of problems (JSON lines, JSON, CSV, TSV or parquet with a problem and an answer column):\n${listFaults(broken)}`,
    );
  }
  if (problems.length === 0) throw new ProblemFileError(`${path} holds no problem`);
  return { problems, solutions, withoutAnswer: excused.length };
}

/** The first faults, a line each. */
export function listFaults(faults: readonly RowFault[]): string {
  const shown = faults.slice(0, 5).map(({ place, reason }) => `  ${place}: ${reason}`);
  if (faults.length > shown.length) shown.push(`  and ${faults.length - shown.length} more`);
  return shown.join('\n');
}

/** Text of a file; a missing, unreadable or wrongly encoded one is a `ProblemFileError`. */
export async function readText(path: string): Promise<string> {
  try {
    return decodeText(await readBytes(path));
  } catch (error) {
    if (error instanceof ProblemFileError) throw error;
    throw new ProblemFileError(`${path} can't be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Problems are held in memory. */
const MAX_BYTES = 2 ** 30;

async function readBytes(path: string): Promise<Buffer> {
  try {
    return await readRegularFile(path, MAX_BYTES);
  } catch (error) {
    if (error instanceof UnfitFileError) throw new ProblemFileError(error.message);
    throw new ProblemFileError(`${path} can't be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}
