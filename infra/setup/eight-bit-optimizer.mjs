import { join } from 'node:path';
import { describeLocked, installDirectory, isInstalled } from './install-directory.mjs';
import { tryCommand } from './run-command.mjs';
import { SetupError } from './setup-error.mjs';
import { findPython, runUv } from './uv.mjs';

const REMEDY = 'npm run setup -- --8bit';

/**
 * The package bitsandbytes in a folder beside the trainer's environment, where `whencode_trainer/eight_bit.py` finds it.
 * Its own requirements are in that environment.
 *
 * @type {import('./types.d.ts').SetupPart}
 */
export const eightBitOptimizer = {
  name: '8-bit optimizer (bitsandbytes)',
  announcement: '50 MB to download, 120 MB on disk',
  neededBytes: 0.5e9,

  async check(context) {
    if (context.pythonIsGiven) {
      const found = await tryCommand(context.python, [
        '-c',
        'from importlib.metadata import version; print(version("bitsandbytes"))',
      ]);
      return found === undefined
        ? {
            status: 'fail',
            detail: `${context.python} has no bitsandbytes`,
            remedy: `${context.python} -m pip install bitsandbytes`,
          }
        : { status: 'ok', detail: `bitsandbytes ${found.trim()}, of ${context.python}` };
    }
    return (await isInstalled(await describeFolder(context)))
      ? { status: 'ok', detail: join(context.cacheDirectory, 'bitsandbytes') }
      : { status: 'fail', detail: 'not installed as locked', remedy: REMEDY };
  },

  async install(context) {
    if (context.pythonIsGiven) return;
    const python = await findPython();
    if (python === undefined)
      throw new SetupError('no Python 3.11 to 3.14 was found', 'install Python 3.11 or newer as python3');
    await installDirectory(await describeFolder(context), async (temporary) => {
      const lock = lockFile(context);
      await runUv(context, python, [
        ...['pip', 'install', '--quiet', '--require-hashes', '--no-deps', '--python', python.executable],
        ...['--target', temporary, '--requirement', lock],
      ]);
    });
  },
};

/** @param {import('./types.d.ts').SetupContext} context */
function lockFile({ root }) {
  return join(root, 'src', 'trainer', 'python', 'bitsandbytes.lock');
}

/** @param {import('./types.d.ts').SetupContext} context */
const describeFolder = (context) => describeLocked(context, 'bitsandbytes', lockFile(context));
