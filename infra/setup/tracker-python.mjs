import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { digestOf, installDirectory, isInstalled } from './install-directory.mjs';
import { withLock } from './lock.mjs';
import { SetupError } from './setup-error.mjs';
import { findPython, runUv } from './uv.mjs';

/**
 * Installs a tracker's library, in the versions and with the hashes of its lock file, in a Python environment of its
 * own. It does nothing where that is installed.
 *
 * @param {Pick<import('./types.d.ts').SetupContext, 'root' | 'cacheDirectory'>} context
 * @param {string} tracker
 * @returns {Promise<string>} its interpreter
 */
export async function installTracker(context, tracker) {
  const { root, cacheDirectory } = context;
  const lockFile = join(root, 'src', 'tracking', 'python', 'locks', `${tracker}.lock`);
  const name = `tracker-${tracker}`;
  const digest = digestOf([await readFile(lockFile, 'utf8'), process.platform, process.arch]);
  const directory = { cacheDirectory, name, digest };
  if (!(await isInstalled(directory)))
    await withLock(join(cacheDirectory, `${name}.lock`), async () => {
      if (await isInstalled(directory)) return;
      const python = await findPython();
      if (python === undefined)
        throw new SetupError('no Python 3.11 to 3.14 was found', 'install Python 3.11 or newer as python3');
      await installDirectory(directory, async (temporary) => {
        const uv = (/** @type {string[]} */ ...args) =>
          runUv(/** @type {import('./types.d.ts').SetupContext} */ (context), python, args);
        await uv('venv', '--quiet', '--clear', '--relocatable', '--python', python.executable, temporary);
        const interpreter = join(temporary, 'bin', 'python');
        await uv('pip', 'sync', '--quiet', '--require-hashes', '--python', interpreter, lockFile);
      });
    });
  return join(cacheDirectory, name, 'bin', 'python');
}
