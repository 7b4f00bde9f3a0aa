import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { paintTables } from '../../../src/cli/paint.ts';
import { renderTable } from '../../../src/cli/table.ts';

const TABLE = renderTable(
  ['id', 'status', 'health'],
  [
    ['failed', 'running', 'watch'],
    ['b', 'completed', 'good'],
  ],
);
const pipe = new PassThrough();
const terminal = Object.assign(new PassThrough(), { isTTY: true, getColorDepth: () => 8 });
const ESCAPE = '\u001b';
const plain = (text: string): string =>
  text
    .split(ESCAPE)
    .map((part, at) => (at === 0 ? part : part.replace(/^\[\d+m/, '')))
    .join('');

beforeEach(() => {
  vi.stubEnv('FORCE_COLOR', undefined);
  vi.stubEnv('NO_COLOR', undefined);
});
afterEach(() => {
  vi.unstubAllEnvs();
});

it('paints the status and the health of each row, and changes no character', () => {
  const painted = paintTables(TABLE, terminal);
  expect(plain(painted)).toBe(TABLE);
  expect(painted).toContain('\u001b[36mrunning  \u001b[39m');
  expect(painted).toContain('\u001b[33mwatch\u001b[39m');
  expect(painted).toContain('\u001b[32mcompleted\u001b[39m');
  // A name is no status.
  expect(painted).toMatch(/^failed/m);
});

it('paints nothing for a file or another program', () => {
  expect(paintTables(TABLE, pipe)).toBe(TABLE);
});

it('paints where FORCE_COLOR asks for it', () => {
  vi.stubEnv('FORCE_COLOR', '1');
  expect(paintTables(TABLE, pipe)).not.toBe(TABLE);
});

it('leaves a text without a table alone', () => {
  expect(paintTables('status\nfailed', terminal)).toBe('status\nfailed');
});
