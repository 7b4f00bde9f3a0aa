import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, vi } from 'vitest';
import { readContext } from '../../../infra/setup/context.mjs';
import { npmPackages } from '../../../infra/setup/npm-packages.mjs';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

interface Locked {
  readonly version?: string;
  readonly integrity?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

it('set-up installs exactly the lock file and runs no script of a package', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'npm-'));
  await mkdir(join(folder, 'bin'));
  await writeFile(join(folder, 'bin', 'npm'), `#!/bin/sh\necho "$@" > "${folder}/arguments"\n`, { mode: 0o755 });
  vi.stubEnv('PATH', `${join(folder, 'bin')}${delimiter}${process.env.PATH}`);
  try {
    await npmPackages.install({ ...readContext({}), root: folder }, () => undefined);
    expect((await readFile(join(folder, 'arguments'), 'utf8')).split(' ').slice(0, 2)).toEqual([
      'ci',
      '--ignore-scripts',
    ]);
  } finally {
    vi.unstubAllEnvs();
    await rm(folder, { recursive: true, force: true });
  }
  // `npm install` by hand runs none either.
  expect(await readFile(join(ROOT, '.npmrc'), 'utf8')).toMatch(/^ignore-scripts=true$/m);
});

it('the lock file has every package of every platform, with its hash', async () => {
  const { packages } = JSON.parse(await readFile(join(ROOT, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, Locked>;
  };
  const isLocked = (from: string, name: string): boolean => {
    for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
      if (`${at === '' ? '' : `${at}/`}node_modules/${name}` in packages) return true;
      if (at === '') return false;
    }
  };
  const missing = Object.entries(packages).flatMap(([path, { dependencies, devDependencies, optionalDependencies }]) =>
    Object.keys({ ...dependencies, ...optionalDependencies, ...(path === '' ? devDependencies : {}) })
      .filter((name) => !isLocked(path, name))
      .map((name) => `${path} needs ${name}`),
  );
  expect(missing).toEqual([]);
  const unhashed = Object.entries(packages).filter(
    ([path, { integrity = '' }]) => path !== '' && !integrity.startsWith('sha512-'),
  );
  expect(unhashed).toEqual([]);
  expect(Object.keys(packages).length).toBeGreaterThan(300);
});

it.each([
  'infra/setup/temporal.lock',
  'infra/setup/uv.lock',
  'src/trainer/python/requirements.lock',
  'src/trainer/python/bitsandbytes.lock',
])('every requirement of %s has a version and hashes', async (name) => {
  const text = await readFile(join(ROOT, name), 'utf8');
  const requirements = text
    .replaceAll(/\\\n\s*/g, ' ')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  expect(requirements.length).toBeGreaterThan(0);
  for (const line of requirements) expect(line).toMatch(/^[\w.[\]-]+==\S+( ;.*?)?( +--hash=sha256:[0-9a-f]{64})+$/);
});
