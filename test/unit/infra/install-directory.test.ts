import { mkdir, mkdtemp, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { installDirectory, isInstalled } from '../../../infra/setup/install-directory.mjs';

let cacheDirectory = '';
beforeEach(async () => {
  cacheDirectory = await mkdtemp(join(tmpdir(), 'whencode-install-'));
});
afterEach(() => rm(cacheDirectory, { recursive: true, force: true }));

const write = (text: string) => (temporary: string) => writeFile(join(temporary, 'tool'), text);
const readTool = () => readFile(join(cacheDirectory, 'tool', 'tool'), 'utf8');

describe('installing a tool into the cache', () => {
  it('puts it behind a link that carries no version', async () => {
    const first = { cacheDirectory, name: 'tool', digest: 'aaa' };
    expect(await isInstalled(first)).toBe(false);
    await installDirectory(first, write('one'));
    expect(await isInstalled(first)).toBe(true);
    expect(await readTool()).toBe('one');
  });

  it('keeps the old version for its running processes, and returns to it without building', async () => {
    const first = { cacheDirectory, name: 'tool', digest: 'aaa' };
    const second = { cacheDirectory, name: 'tool', digest: 'bbb' };
    await installDirectory(first, write('one'));
    await installDirectory(second, write('two'));
    expect(await readTool()).toBe('two');
    expect(await isInstalled(first)).toBe(false);
    await installDirectory(first, () => Promise.reject(new Error('must not be built again')));
    expect(await readTool()).toBe('one');
  });

  it('leaves the working version in place when a build fails, and no half-built one', async () => {
    await installDirectory({ cacheDirectory, name: 'tool', digest: 'aaa' }, write('one'));
    const failing = { cacheDirectory, name: 'tool', digest: 'bbb' };
    const build = async (temporary: string) => {
      await write('half')(temporary);
      throw new Error('connection lost');
    };
    await expect(installDirectory(failing, build)).rejects.toThrow('connection lost');
    expect(await readTool()).toBe('one');
    await installDirectory(failing, write('whole'));
    expect(await readTool()).toBe('whole');
    expect((await readdir(cacheDirectory)).sort()).toEqual(['tool', 'tool-aaa', 'tool-bbb']);
  });

  it('rebuilds a version that is linked but was found damaged', async () => {
    const directory = { cacheDirectory, name: 'tool', digest: 'aaa' };
    await installDirectory(directory, write('damaged'));
    await installDirectory(directory, write('sound'));
    expect(await readTool()).toBe('sound');
  });

  it('takes the place of a directory that something else left there', async () => {
    await mkdir(join(cacheDirectory, 'tool'));
    await writeFile(join(cacheDirectory, 'tool', 'tool'), 'foreign');
    await installDirectory({ cacheDirectory, name: 'tool', digest: 'aaa' }, write('one'));
    expect(await readTool()).toBe('one');
    expect(await readlink(join(cacheDirectory, 'tool'))).toBe('tool-aaa');
  });
});
