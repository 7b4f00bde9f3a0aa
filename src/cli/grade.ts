import { readFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { readEnvironment } from '../config/environment.ts';
import { decodeText } from '../formats/decode-text.ts';
import { graderFor } from '../grader/grader-for.ts';
import type { GradeOptions } from '../grader/options.ts';
import { GRADE_OPTION } from './grade-options.ts';
import { gradeWithMathVerify, type MathVerifyVerdict } from './math-verify.ts';
import { write } from './terminal.ts';

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
  readonly also?: 'math-verify';
  readonly python?: string;
}

/** Every line is checked before the first is graded. Throws with file and line number. */
function readBatch(path: string): BatchRow[] {
  const lines = decodeText(readFileSync(path === '-' ? 0 : path)).split('\n');
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

/** Verdicts of the grader named by `--also`; undefined without one. Ends the command where it is not installed. */
function alsoGrade(
  flags: Flags,
  command: Command,
  pairs: readonly { readonly gold: string; readonly answer: string }[],
): MathVerifyVerdict[] | undefined {
  if (flags.also === undefined) return undefined;
  try {
    return gradeWithMathVerify(flags.python ?? readEnvironment().python, pairs);
  } catch (error) {
    command.error(error instanceof Error ? error.message : String(error), { exitCode: 2 });
  }
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
    .addOption(new Option('--also <grader>', "also print another grader's verdict").choices(['math-verify']))
    .option('--python <path>', "the Python that has math-verify; default: the trainer's")
    .option(...GRADE_OPTION)
    .action((flags: Flags, command: Command) => {
      if (flags.batch !== undefined) {
        let rows: BatchRow[];
        try {
          rows = readBatch(flags.batch);
        } catch (error) {
          command.error(error instanceof Error ? error.message : String(error), { exitCode: 2 });
        }
        const others = alsoGrade(
          flags,
          command,
          rows.map(({ gold, pred }) => ({ gold, answer: pred })),
        );
        for (const [k, { id, gold, pred }] of rows.entries()) {
          const { verdict, reason } = graderFor(gold, flags.set)(pred);
          write(`${JSON.stringify({ id, verdict, reason, ...(others && { mathVerify: others[k] }) })}\n`);
        }
        return;
      }
      if (flags.gold === undefined || flags.answer === undefined)
        command.error('give --gold and --answer, or --batch FILE', { exitCode: 2 });
      const others = alsoGrade(flags, command, [{ gold: flags.gold, answer: flags.answer }]);
      const trace: string[] = [];
      const result = graderFor(flags.gold, flags.set)(flags.answer, flags.explain ? trace : undefined);
      if (flags.json)
        write(
          `${JSON.stringify({ ...result, ...(flags.explain && { trace }), ...(others && { mathVerify: others[0] }) })}\n`,
        );
      else {
        write(
          `${trace.map((line) => `  ${line}\n`).join('')}${result.verdict} (${result.reason})${result.answer === undefined ? '' : `: ${result.answer}`}\n`,
        );
        if (others) write(`Math-Verify: ${others[0]}\n`);
      }
    });
}
