/** From a publisher's JSON lines to ours. */
import { ProblemFileError } from './problem-file.ts';
import type { AnswerFormat, RegisteredDataset, SourceFormat } from './registry.ts';

type SourceRecord = Readonly<Record<string, unknown>>;

/** A problem with the kept fields of its source. */
export interface SourceProblem {
  readonly id: string;
  readonly problem: string;
  readonly answer: string;
  readonly [field: string]: unknown;
}

export interface ConvertedSource {
  readonly problems: readonly SourceProblem[];
  /** Ids of problems that were published without an answer, and are left out. */
  readonly withoutAnswer: readonly string[];
}

/** @throws ProblemFileError that names the first line that is not in the format of the registry */
export function convertSource(content: string, { name, format }: RegisteredDataset): ConvertedSource {
  if (content.startsWith('version https://git-lfs')) {
    throw new ProblemFileError(`${name}: the server sent a Git LFS pointer, not the file it stands for`);
  }
  const problems: SourceProblem[] = [];
  const withoutAnswer: string[] = [];
  for (const [index, line] of content.split(/\r?\n/).entries()) {
    if (line.trim() === '') continue;
    const refuse = (reason: string): never => {
      throw new ProblemFileError(`${name}: line ${index + 1} of the source ${reason}`);
    };
    const record = parseRecord(line) ?? refuse('is not a JSON object');
    const problem = problemOf(record, format);
    const answer = goldAnswer(record, format.answer);
    const id = `${name}/${textOf(record[format.idField ?? '']) ?? problems.length + withoutAnswer.length}`;
    if (record[format.answer.field] === '') {
      withoutAnswer.push(id);
      continue;
    }
    problems.push({
      id,
      problem: problem ?? refuse(`has no ${format.problem?.join(' and ') ?? '"problem" and no "question"'}`),
      answer: answer ?? refuse(`has no answer (${format.answer.kind} of "${format.answer.field}")`),
      ...Object.fromEntries(format.keep.flatMap((field) => (field in record ? [[field, record[field]]] : []))),
    });
  }
  if (problems.length === 0) throw new ProblemFileError(`${name}: the source is empty`);
  return { problems, withoutAnswer };
}

function problemOf(record: SourceRecord, format: SourceFormat): string | undefined {
  const parts = format.problem?.map((field) => textOf(record[field]));
  const text =
    parts === undefined
      ? (textOf(record.problem) ?? textOf(record.question))
      : parts.includes(undefined)
        ? undefined
        : parts.map((part) => (/[.?!]$/.test(part ?? '') ? part : `${part}.`)).join(' ');
  if (text === undefined || format.choices === undefined) return text;
  const choices = record[format.choices];
  return Array.isArray(choices) ? [text, ...choices.map(String)].join('\n') : undefined;
}

function goldAnswer(record: SourceRecord, { kind, field }: AnswerFormat): string | undefined {
  const value = record[field];
  switch (kind) {
    case 'field':
      return textOf(value);
    case 'number':
      return textOf(value)?.replace(/\.0+$/, '');
    case 'after-hashes':
      return typeof value === 'string' && value.includes('####')
        ? textOf(value.slice(value.lastIndexOf('####') + 4).replaceAll(',', ''))
        : undefined;
    case 'boxed':
      return typeof value === 'string' ? textOf(lastBoxed(value)) : undefined;
    case 'first-of-list':
      return Array.isArray(value) ? textOf(textOf(value[0])?.replace(/^\$+|\$+$/g, '')) : undefined;
  }
}

/** Content of the last `\boxed{}`, braces balanced; undefined without a closed one. */
function lastBoxed(solution: string): string | undefined {
  const mark = '\\boxed{';
  const start = solution.lastIndexOf(mark);
  if (start === -1) return undefined;
  let depth = 1;
  for (let i = start + mark.length; i < solution.length; i++) {
    if (solution[i - 1] === '\\') continue;
    if (solution[i] === '{') depth++;
    if (solution[i] === '}') depth--;
    if (depth === 0) return solution.slice(start + mark.length, i);
  }
  return undefined;
}

function parseRecord(line: string): SourceRecord | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as SourceRecord) : undefined;
  } catch {
    return undefined;
  }
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}
