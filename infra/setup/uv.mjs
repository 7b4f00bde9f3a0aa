import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { canUseApt, installDebianPackages } from './apt.mjs';
import { digestOf, installDirectory, isInstalled } from './install-directory.mjs';
import { runCommand, tryCommand } from './run-command.mjs';
import { SetupError } from './setup-error.mjs';

const CANDIDATES = ['python3', 'python3.14', 'python3.13', 'python3.12', 'python3.11'];
const LOCK = new URL('uv.lock', import.meta.url);

/** @typedef {{executable: string, version: string}} Python */

/**
 * @returns {Promise<Python | undefined>} an interpreter that the trainer's lock file is made for, 3.11 to 3.14
 */
export async function findPython() {
  for (const name of CANDIDATES) {
    const answer = await tryCommand(name, ['-c', 'import sys; print(sys.executable, sys.version.split()[0])']);
    const [executable, version] = answer?.split(' ') ?? [];
    if (executable !== undefined && version !== undefined && isSupportedPython(version)) return { executable, version };
  }
  return undefined;
}

/** @param {string} version `3.11.2` */
export function isSupportedPython(version) {
  const [major, minor] = version.split('.').map(Number);
  return major === 3 && minor !== undefined && minor >= 11 && minor <= 14;
}

/**
 * Runs uv, Python's package installer, in the version and with the hash of `uv.lock`. Installs it first if needed.
 *
 * @param {import('./types.d.ts').SetupContext} context
 * @param {Python} python
 * @param {readonly string[]} args
 */
export async function runUv({ cacheDirectory }, python, args) {
  const directory = {
    cacheDirectory,
    name: 'uv',
    digest: digestOf([await readFile(LOCK, 'utf8'), process.platform, process.arch]),
  };
  if (!(await isInstalled(directory))) {
    await installDirectory(directory, async (temporary) => {
      await makeVenv(python, temporary);
      const pip = ['-m', 'pip', 'install', '--quiet', '--require-hashes', '--requirement', LOCK.pathname];
      await runCommand(join(temporary, 'bin', 'python'), pip);
    });
  }
  // With slow registries and proxies, a wheel of 800 MB may pause for longer than uv's 30 s.
  const env = { UV_HTTP_TIMEOUT: '300', UV_NO_CONFIG: '1', UV_NO_PROGRESS: '1' };
  return runCommand(join(cacheDirectory, 'uv', 'bin', 'uv'), args, { env });
}

/**
 * @param {Python} python
 * @param {string} directory
 */
async function makeVenv(python, directory) {
  const hasPip = await tryCommand(python.executable, ['-c', 'import ensurepip, venv']);
  // Debian ships Python's pip as a separate package.
  if (hasPip === undefined) {
    if (!(await canUseApt())) {
      throw new SetupError(`${python.executable} can't make virtual environments`, 'sudo apt-get install python3-venv');
    }
    await installDebianPackages(['python3-venv']);
  }
  await runCommand(python.executable, ['-m', 'venv', directory]);
}
