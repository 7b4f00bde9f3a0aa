/**
 * The page "Your first campaign", every command of it, against a real stack. A tiny model of equal weights takes the place of the
 * one that the page downloads, so the campaign may end as `no-signal`, as the page says.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { writeModelFolder } from '../support/hostile-folders.ts';
import { readBlocks } from '../support/page-blocks.ts';

const COMMAND = resolve('src/cli/whencode.mjs');
/** `hf` needs the Hub; the stack runs beside the other commands. */
const ELSEWHERE = /^(?:hf |whencode up)/;
const LINK = 'page (opens once)';

let folder: string;
let stack: ChildProcess | undefined;

const call = (line: string): ChildProcess =>
  spawn(process.execPath, [COMMAND, ...line.split(' ').slice(1)], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });

async function run(line: string): Promise<{ code: number; said: string }> {
  const child = call(line);
  let said = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  const [code] = await once(child, 'close');
  return { code: Number(code), said };
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'whencode-first-'));
  const model = join(folder, 'models/SmolLM2-135M-Instruct');
  await mkdir(model, { recursive: true });
  await writeModelFolder(model);
});
afterAll(async () => {
  if (stack?.exitCode === null) {
    stack.kill('SIGINT');
    await once(stack, 'close');
  }
  await rm(folder, { recursive: true, force: true });
});

it('leads from files to an exported model, command by command', async () => {
  const { files, commands } = readBlocks(await readFile('docs/first-campaign.md', 'utf8'));
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);

  const up = call('whencode up --port 7468');
  stack = up;
  await new Promise<void>((ready, fail) => {
    up.stdout?.on('data', (chunk: Buffer) => chunk.toString().includes(LINK) && ready());
    up.once('close', () => fail(new Error('the stack ended')));
  });

  const answers: Record<string, { code: number; said: string }> = {};
  for (const line of commands.filter((command) => !ELSEWHERE.test(command))) answers[line] = await run(line);

  const watched = answers['whencode campaign watch first'];
  expect(watched?.said).toMatch(/completed|no-signal/);
  const others = Object.entries(answers).filter(([, answer]) => answer !== watched);
  expect(others.filter(([, { code }]) => code !== 0)).toEqual([]);
  expect(answers['whencode rollouts show first --limit 3']?.said).toContain('boxed');
  expect(await readdir(join(folder, 'my-model'))).toEqual(expect.arrayContaining(['config.json', 'model.safetensors']));
}, 3_600_000);
