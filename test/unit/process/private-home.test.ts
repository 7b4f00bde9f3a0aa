import { chmod, mkdir, mkdtemp, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { checkHomePrivate } from '../../../src/checks/machine.ts';
import { HomeNotPrivate, makeFilesPrivate, makeHomePrivate } from '../../../src/process/private-home.ts';
import { readPayloadKey } from '../../../src/temporal/payload-key.ts';

let folder: string;
let home: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'private-home-'));
  home = join(folder, 'home');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const modeOf = async (path: string): Promise<string> => ((await stat(path)).mode & 0o7777).toString(8);

/** A home folder as an older version left it. */
async function makeOldHome(): Promise<void> {
  await mkdir(join(home, 'database', 'base'), { recursive: true });
  await mkdir(join(home, 'store'));
  await writeFile(join(home, 'temporal.db'), '');
  await writeFile(join(home, 'database', 'PG_VERSION'), '17');
  await chmod(join(home, 'database', 'PG_VERSION'), 0o666);
  await chmod(join(home, 'temporal.db'), 0o644);
  for (const path of [home, join(home, 'database'), join(home, 'store')]) await chmod(path, 0o755);
}

it('makes a new home folder for its owner alone', async () => {
  await makeHomePrivate(home);
  expect(await modeOf(home)).toBe('700');
});

it('closes an old home folder and its entries, and all files of its database', async () => {
  await makeOldHome();
  await makeHomePrivate(home);
  expect(await modeOf(home)).toBe('700');
  expect(await Promise.all(['database', 'store', 'temporal.db'].map((name) => modeOf(join(home, name))))).toEqual([
    '700',
    '700',
    '600',
  ]);
  await makeFilesPrivate(join(home, 'database'));
  expect(await modeOf(join(home, 'database', 'PG_VERSION'))).toBe('600');
});

it('does not follow links out of the home folder', async () => {
  await makeOldHome();
  const shared = join(folder, 'shared');
  await mkdir(shared);
  await chmod(shared, 0o755);
  await symlink(shared, join(home, 'scratch'));
  await makeHomePrivate(home);
  expect(await modeOf(shared)).toBe('755');
});

it('refuses to close an open folder that is no home folder, and changes nothing', async () => {
  await mkdir(home);
  await chmod(home, 0o755);
  await writeFile(join(home, 'thesis.tex'), '');
  await expect(makeHomePrivate(home)).rejects.toThrow(HomeNotPrivate);
  expect([await modeOf(home), await readdir(home)]).toEqual(['755', ['thesis.tex']]);
});

it.each(['store', 'token', 'database'])('does not take an open folder with a %s for a home folder', async (name) => {
  await mkdir(join(home, name), { recursive: true });
  await chmod(home, 0o755);
  await expect(makeHomePrivate(home)).rejects.toThrow(HomeNotPrivate);
  expect(await modeOf(home)).toBe('755');
});

it('closes the folder around a copied key, and leaves it to the reader of the key to refuse one that was open', async () => {
  await mkdir(home);
  await chmod(home, 0o755);
  await writeFile(join(home, 'payload.key'), '0'.repeat(64));
  await chmod(join(home, 'payload.key'), 0o644);
  await makeHomePrivate(home);
  expect([await modeOf(home), await modeOf(join(home, 'payload.key'))]).toEqual(['700', '644']);
  await expect(readPayloadKey({ home, payloadKeyFile: undefined })).rejects.toThrow('can be read by other users');
});

it('lets doctor name what other users may use, with the command that closes it', async () => {
  expect(await checkHomePrivate(home)).toMatchObject({ status: 'ok' });
  await makeOldHome();
  expect(await checkHomePrivate(home)).toMatchObject({ status: 'warn', remedy: `chmod go-rwx ${home}` });
  await chmod(home, 0o700);
  expect(await checkHomePrivate(home)).toMatchObject({ remedy: expect.stringContaining(join(home, '')) });
  await makeHomePrivate(home);
  expect(await checkHomePrivate(home)).toMatchObject({ status: 'ok' });
});
