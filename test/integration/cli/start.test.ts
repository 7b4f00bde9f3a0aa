import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ensureBundle } from '../../../infra/bundle.mjs';

const COMMAND = resolve('src/cli/whencode.mjs');
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'whencode-start-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it('uses one bundle while the sources are the same', async () => {
  expect(await ensureBundle()).toBe(await ensureBundle());
});

it('prints its version', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [COMMAND, '--version']);
  expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});

it('ends quietly when its reader has gone: `whencode grade --batch FILE | head -1`', async () => {
  const file = join(folder, 'cases.jsonl');
  const rows = Array.from({ length: 20_000 }, (_, id) => JSON.stringify({ id, gold: '1', pred: String(id) }));
  await writeFile(file, `${rows.join('\n')}\n`);
  const child = spawn(process.execPath, [COMMAND, 'grade', '--batch', file], { stdio: ['ignore', 'pipe', 'pipe'] });
  let complaints = '';
  child.stderr.on('data', (chunk: Buffer) => {
    complaints += chunk.toString();
  });
  child.stdout.once('data', () => child.stdout.destroy());
  const [code] = await once(child, 'close');
  expect({ code, complaints }).toEqual({ code: 0, complaints: '' });
});
