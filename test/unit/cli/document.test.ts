import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { commandsMarkdown } from '../../../src/cli/document.ts';
import { createProgram } from '../../../src/cli/whencode.ts';

it('docs/cli.md has every command and option of the program (npm run docs)', async () => {
  expect(readFileSync('docs/cli.md', 'utf8')).toBe(
    commandsMarkdown(await createProgram(['node', 'whencode', '--help'])),
  );
});
