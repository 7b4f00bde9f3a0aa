/**
 * The documented format of problem files: JSON lines, one problem each, with `id`, `problem`, `answer` (the gold as
 * published) and any further fields. What is wrong with a file is said by line before any work starts.
 */
import { readFile, stat } from 'node:fs/promises';
import { z } from 'zod';
import type { Problem } from '../rollout/types.ts';

/** One broken line; numbers start at 1. */
export interface LineFault {
  readonly line: number;
  readonly reason: string;
  /** Everything is in order but the answer, which is empty: some published sets have such problems. */
  readonly onlyAnswerMissing: boolean;
}

export interface ParsedProblems {
  readonly problems: readonly Problem[];
  readonly faults: readonly LineFault[];
}

/** A problem file that can't be used. The message names the file and its first broken lines. */
export class ProblemFileError extends Error {
  override readonly name = 'ProblemFileError';
}

const text = (field: string) =>
  z.string(`"${field}" must be a string`).refine((value) => value.trim() !== '', `"${field}" is empty`);
const lineSchema = z.object({
  id: z.union([text('id'), z.number('"id" must be a string or a number').transform(String)], '"id" must be a string'),
  problem: text('problem'),
  answer: text('answer'),
});

/** Every line of a file, good ones as problems and broken ones as faults. Blank lines are skipped. */
export function parseProblems(content: string): ParsedProblems {
  const problems: Problem[] = [];
  const faults: LineFault[] = [];
  const lineOfId = new Map<string, number>();
  for (const [index, raw] of content.split(/\r?\n/).entries()) {
    const line = index + 1;
    const written = index === 0 ? raw.replace(/^\uFEFF/, '') : raw;
    if (written.trim() === '') continue;
    const result = parseLine(written);
    if ('reason' in result) {
      faults.push({ line, ...result });
      continue;
    }
    const first = lineOfId.get(result.id);
    if (first !== undefined) {
      faults.push({
        line,
        reason: `id ${JSON.stringify(result.id)} is already on line ${first}`,
        onlyAnswerMissing: false,
      });
      continue;
    }
    lineOfId.set(result.id, line);
    problems.push(result);
  }
  return { problems, faults };
}

export interface ReadProblems {
  readonly problems: readonly Problem[];
  /** Problems left out because they have no answer; 0 unless that was allowed. */
  readonly withoutAnswer: number;
}

/**
 * Problems of a file. Throws `ProblemFileError` if it is missing, empty, or any line is broken. Files of published
 * data sets may hold problems without an answer (`leaveOutUnanswered`); in one's own file that is a mistake.
 */
export async function readProblemFile(path: string, options?: { leaveOutUnanswered: boolean }): Promise<ReadProblems> {
  const { problems, faults } = parseProblems(await readText(path));
  const excused = options?.leaveOutUnanswered === true ? faults.filter((fault) => fault.onlyAnswerMissing) : [];
  const broken = faults.filter((fault) => !excused.includes(fault));
  if (broken.length > 0) {
    const shown = broken.slice(0, 5).map(({ line, reason }) => `  line ${line}: ${reason}`);
    if (broken.length > shown.length) shown.push(`  and ${broken.length - shown.length} more`);
    throw new ProblemFileError(
      `${path} is not a problem file (JSON lines with id, problem, answer):\n${shown.join('\n')}`,
    );
  }
  if (problems.length === 0) throw new ProblemFileError(`${path} holds no problem`);
  return { problems, withoutAnswer: excused.length };
}

/** UTF-8 text of a file; a missing or unreadable one is a `ProblemFileError`. */
export async function readText(path: string): Promise<string> {
  try {
    // A device or a pipe may never end.
    if (!(await stat(path)).isFile()) throw new Error('it is not a regular file');
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new ProblemFileError(`${path} can't be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function parseLine(line: string): Problem | Omit<LineFault, 'line'> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return { reason: 'not JSON', onlyAnswerMissing: false };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { reason: 'not a JSON object', onlyAnswerMissing: false };
  }
  const parsed = lineSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const { issues } = parsed.error;
  return {
    reason: issues.map((issue) => issue.message).join('; '),
    onlyAnswerMissing: issues.every((issue) => issue.path[0] === 'answer') && 'answer' in value && value.answer === '',
  };
}
