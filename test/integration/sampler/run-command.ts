import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { vi } from 'vitest';
import { addSampleCommand } from '../../../src/cli/sample.ts';
import { addScoreCommand } from '../../../src/cli/score.ts';
import { addSolveCommand } from '../../../src/cli/solve.ts';

/** What `whencode sample`, `score` or `solve` prints. The caller restores the streams (`vi.restoreAllMocks`). */
export async function runCommand(...args: string[]): Promise<string> {
  let printed = '';
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += text;
    return true;
  });
  const program = new Command('whencode').exitOverride();
  addSampleCommand(program);
  addScoreCommand(program);
  addSolveCommand(program);
  await program.parseAsync(['node', 'whencode', ...args]);
  return printed;
}

/** A file of JSON lines for the commands, always of the same name. */
export async function writeLines(folder: string, lines: readonly unknown[]): Promise<string> {
  const file = join(folder, 'lines.jsonl');
  await writeFile(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  return file;
}

export const parseLines = <Line>(printed: string): Line[] =>
  printed
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
