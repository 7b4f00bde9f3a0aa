import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { checkDataDirectory, checkFreeSpace, checkNode, judgeFreeSpace } from '../../../src/checks/machine.ts';
import { renderParts } from '../../../src/cli/doctor.ts';

it.each([
  [1.9e9, 'fail'],
  [2e9, 'warn'],
  [9.9e9, 'warn'],
  [10e9, 'ok'],
])('%d free bytes: %s', (freeBytes, status) => {
  expect(judgeFreeSpace(freeBytes, '/data').status).toBe(status);
});

it('measures the disk of a folder that is still to be made', async () => {
  expect((await checkFreeSpace(join(tmpdir(), 'not', 'there', 'yet'))).detail).toMatch(/^\d+\.\d GB free for/);
});

it('says which Node to install when it is too old', () => {
  expect(checkNode('18.20.0')).toMatchObject({ status: 'fail', remedy: expect.stringContaining('20.19') });
});

it('takes a data directory that is not set as a choice, and one that is missing as a mistake', async () => {
  expect(await checkDataDirectory(undefined)).toMatchObject({ status: 'ok' });
  expect(await checkDataDirectory('/not/there')).toMatchObject({ status: 'fail', remedy: expect.any(String) });
});

it('counts the files of a data directory', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'whencode-data-'));
  try {
    await writeFile(join(directory, 'gsm8k.jsonl'), '');
    await writeFile(join(directory, 'README.md'), '');
    expect(await checkDataDirectory(directory)).toEqual({ status: 'ok', detail: `${directory}, 1 JSON-lines files` });
  } finally {
    await rm(directory, { recursive: true });
  }
});

it('shows a line for each part and the remedy below it', () => {
  const parts = [
    { name: 'Node', status: 'ok', detail: '20.20.2' },
    { name: 'Docker engine', status: 'fail', detail: 'no answer', remedy: 'npm run setup' },
  ] as const;
  expect(renderParts(parts)).toBe(
    [
      'ok    Node           20.20.2',
      'fail  Docker engine  no answer',
      '                     to do: npm run setup',
    ].join('\n'),
  );
});
