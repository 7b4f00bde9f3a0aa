import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { renderTable } from '../../../src/cli/table.ts';
import { forStream } from '../../../src/cli/terminal.ts';
import { createProgressLine } from '../../../src/demo/progress-line.ts';

const SOURCES = fileURLToPath(new URL('../../../src', import.meta.url));
/** The only files that write to the streams of the process. */
const WRITERS = ['cli/terminal.ts', 'process/log-line.ts'];

it('all output of commands, the demo and the workers goes through one place, where it is escaped', async () => {
  const names = (await readdir(SOURCES, { recursive: true })).filter((name) => /\.tsx?$/.test(name));
  const writing: string[] = [];
  for (const name of names)
    if (/std(?:out|err)\s*\.\s*write|console\s*\./.test(await readFile(join(SOURCES, name), 'utf8')))
      writing.push(name);
  expect(writing.sort()).toEqual(WRITERS);
});

it('escapes for a terminal, and gives programs the text as it is', () => {
  const stream = new PassThrough();
  expect(forStream('\u001b[2J', stream)).toBe('\u001b[2J');
  expect(forStream('\u001b[2J', Object.assign(stream, { isTTY: true }))).toBe('\\u001b[2J');
});

it('a cell of a table is one line, wherever it is printed', () => {
  const table = renderTable(['name', 'status'], [['evil\nother  completed', '\u001b[1A\u202eok']]);
  expect(table.split('\n')).toHaveLength(3);
  expect(table).toContain('evil\\u000aother  completed  \\u001b[1A\\u202eok');
});

it('the progress line of the demo has no escape sequences but its own', () => {
  const written: string[] = [];
  const stream = { isTTY: true, columns: 200, write: (text: string) => written.push(text) };
  const line = createProgressLine(stream as unknown as NodeJS.WriteStream);
  line.show('evil \u001b]0;pwned\u0007');
  line.end('end \u001b[2J');
  expect(written.join('')).toBe('\r\u001b[2Kevil \\u001b]0;pwned\\u0007\r\u001b[2Kend \\u001b[2J\n');
});
