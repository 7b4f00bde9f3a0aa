import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { replaceFile, sweepTemporaryFiles } from '../../../src/formats/durable-file.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'durable-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('a replaced file has the last content and the permissions asked for, and nothing is left over', async () => {
  const path = join(folder, 'control.json');
  await replaceFile(path, 'first');
  await replaceFile(path, 'second', 0o600);
  expect(await readFile(path, 'utf8')).toBe('second');
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await readdir(folder)).toEqual(['control.json']);
});

test('readers of a file that is replaced all the time see one content or the other, whole', async () => {
  const path = join(folder, 'state.json');
  const contents = [1, 2].map((digit) => `${digit}`.repeat(200_000));
  await replaceFile(path, contents[0] ?? '');
  let isWriting = true;
  const writing = (async () => {
    for (let round = 0; round < 40; round += 1) await replaceFile(path, contents[round % 2] ?? '');
    isWriting = false;
  })();
  while (isWriting) expect(contents).toContain(await readFile(path, 'utf8'));
  await writing;
});

test('a sweep removes what nobody has written to for an hour, and leaves a folder whose file grows', async () => {
  const old = new Date(Date.now() - 7_200_000);
  for (const name of ['left-over', 'download']) {
    await mkdir(join(folder, name, 'deep'), { recursive: true });
    await writeFile(join(folder, name, 'deep', 'weights'), 'bytes');
    if (name === 'left-over') await utimes(join(folder, name, 'deep', 'weights'), old, old);
    for (const path of [join(folder, name, 'deep'), join(folder, name)]) await utimes(path, old, old);
  }
  expect(await sweepTemporaryFiles(folder)).toBe(1);
  expect(await readdir(folder)).toEqual(['download']);
});

test('a replacement that fails leaves no temporary file', async () => {
  const path = join(folder, 'taken');
  await mkdir(join(path, 'by-a-folder'), { recursive: true });
  await expect(replaceFile(path, 'text')).rejects.toThrow();
  expect(await readdir(folder)).toEqual(['taken']);
});
