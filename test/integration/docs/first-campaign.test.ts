/** The page "Your first campaign" up to the dry run, with a tiny model in the place of the one that it downloads. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { writeModelFolder } from '../../support/hostile-folders.ts';
import { readBlocks } from '../../support/page-blocks.ts';

const COMMAND = resolve('src/cli/whencode.mjs');
const { files, commands } = readBlocks(await readFile('docs/first-campaign.md', 'utf8'));
const WITHOUT_STACK = commands.filter((line) => /^whencode (?:data|campaign start .* --dry-run)/.test(line));

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'whencode-first-'));
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  const model = join(folder, 'models/SmolLM2-135M-Instruct');
  await mkdir(model, { recursive: true });
  await writeModelFolder(model);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const run = async (line: string): Promise<string> => {
  const { stdout } = await promisify(execFile)(process.execPath, [COMMAND, ...line.split(' ').slice(1)], {
    cwd: folder,
  });
  return stdout;
};

it('has the files and the commands that this test is about', () => {
  expect(Object.keys(files)).toEqual(['train.jsonl', 'test.jsonl', 'first.yaml']);
  expect(WITHOUT_STACK.map((line) => line.split(' ').slice(1, 3).join(' '))).toEqual([
    'data preview',
    'data check',
    'campaign start',
  ]);
});

it('shows the golds as the page says', async () => {
  const [preview = ''] = WITHOUT_STACK;
  expect(await run(preview)).toContain('gold (scalar): 19');
});

it('finds no fault in the problems, and none that is in both files', async () => {
  const [, check = ''] = WITHOUT_STACK;
  await expect(run(check)).resolves.toBeTruthy();
});

it('has a campaign file that is valid', async () => {
  const [, , dryRun = ''] = WITHOUT_STACK;
  const plan = await run(dryRun);
  expect(plan).toContain('first is valid. Nothing was started.');
  expect(plan).toContain('em, 2 iterations of 64 rollouts');
});
