import { readFileSync } from 'node:fs';
import { type Command, InvalidArgumentError } from 'commander';
import { compileGold, explainGrade, grade, isGoldError } from '../grader/grade.ts';
import { DEFAULT_OPTIONS, type GradeOptions } from '../grader/options.ts';
import type { GradeResult } from '../grader/types.ts';

interface BatchRow {
  readonly id: string | number;
  readonly gold: string;
  readonly pred: string;
}

interface Flags {
  readonly gold?: string;
  readonly answer?: string;
  readonly batch?: string;
  readonly explain?: boolean;
  readonly json?: boolean;
  readonly set: Partial<GradeOptions>;
}

/** `listOrder=fixed`, repeatable; only keys and values that exist. */
function readSetting(written: string, before: Partial<GradeOptions>): Partial<GradeOptions> {
  const [key = '', value = ''] = written.split('=', 2);
  const current = Object.entries(DEFAULT_OPTIONS).find(([name]) => name === key)?.[1];
  if (current === undefined)
    throw new InvalidArgumentError(`there is no option '${key}'; there are ${Object.keys(DEFAULT_OPTIONS).join(', ')}`);
  const allowed = ALLOWED[key];
  if (allowed && !allowed.includes(value)) throw new InvalidArgumentError(`${key} is ${allowed.join(' or ')}`);
  if (typeof current === 'number' && !(Number(value) >= 0 && value !== ''))
    throw new InvalidArgumentError(`${key} is a number of at least 0`);
  return { ...before, [key]: typeof current === 'number' ? Number(value) : value };
}

const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  extraction: ['any', 'box-only'],
  listOrder: ['free', 'fixed'],
  decimals: ['rounding', 'exact'],
  percent: ['marked', 'strict'],
  units: ['lenient', 'required'],
  integerGold: ['literal', 'any'],
};

/** Every line is checked before the first is graded. Throws with file and line number. */
function readBatch(path: string): BatchRow[] {
  const lines = readFileSync(path === '-' ? 0 : path, 'utf8').split('\n');
  const rows: BatchRow[] = [];
  for (const [k, line] of lines.entries()) {
    if (line.trim() === '') continue;
    let row: unknown;
    try {
      row = JSON.parse(line);
    } catch {
      throw new Error(`${path}:${k + 1}: not JSON`);
    }
    const { id, gold, pred } = (row ?? {}) as Record<string, unknown>;
    if ((typeof id !== 'string' && typeof id !== 'number') || typeof gold !== 'string' || typeof pred !== 'string')
      throw new Error(`${path}:${k + 1}: a line is {"id": string or number, "gold": string, "pred": string}`);
    rows.push({ id, gold, pred });
  }
  return rows;
}

function gradeOne(gold: string, answer: string, options: Partial<GradeOptions>, trace?: string[]): GradeResult {
  const compiled = compileGold(gold, options);
  if (isGoldError(compiled)) return { verdict: 'undecided', reason: `gold-unreadable: ${compiled.error}` };
  trace?.push(`gold read as ${compiled.kind}`);
  return trace ? explainGrade(compiled, answer, trace) : grade(compiled, answer);
}

/** `whencode grade`: one pair, or a file of them. Needs no running stack. */
export function addGradeCommand(program: Command): void {
  program
    .command('grade')
    .description('grade one answer, or a file of answers, against gold answers')
    .option('--gold <text>', 'the gold answer')
    .option('--answer <text>', 'the answer, or a whole response')
    .option(
      '--batch <file>',
      'JSON lines of {id, gold, pred}; prints {id, verdict, reason} a line; - reads standard input',
    )
    .option('--explain', 'show how the answer was found, read and compared')
    .option('--json', 'print one JSON object')
    .option(
      '--set <option=value>',
      `a convention, e.g. listOrder=fixed; defaults: ${JSON.stringify(DEFAULT_OPTIONS)}`,
      readSetting,
      {},
    )
    .action((flags: Flags, command: Command) => {
      if (flags.batch !== undefined) {
        let rows: BatchRow[];
        try {
          rows = readBatch(flags.batch);
        } catch (error) {
          command.error(error instanceof Error ? error.message : String(error), { exitCode: 2 });
        }
        for (const { id, gold, pred } of rows) {
          const { verdict, reason } = gradeOne(gold, pred, flags.set);
          process.stdout.write(`${JSON.stringify({ id, verdict, reason })}\n`);
        }
        return;
      }
      if (flags.gold === undefined || flags.answer === undefined)
        command.error('give --gold and --answer, or --batch FILE', { exitCode: 2 });
      const trace: string[] = [];
      const result = gradeOne(flags.gold, flags.answer, flags.set, flags.explain ? trace : undefined);
      if (flags.json) process.stdout.write(`${JSON.stringify({ ...result, ...(flags.explain && { trace }) })}\n`);
      else
        process.stdout.write(
          `${trace.map((line) => `  ${line}\n`).join('')}${result.verdict} (${result.reason})${result.answer === undefined ? '' : `: ${result.answer}`}\n`,
        );
    });
}
