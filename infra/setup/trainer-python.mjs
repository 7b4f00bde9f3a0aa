import { join } from 'node:path';
import { canUseApt, installDebianPackages } from './apt.mjs';
import { describeLocked, installDirectory, isInstalled } from './install-directory.mjs';
import { tryCommand } from './run-command.mjs';
import { SetupError } from './setup-error.mjs';
import { findPython, runUv } from './uv.mjs';

/** @type {import('./types.d.ts').SetupPart} */
export const trainerPython = {
  name: 'trainer (PyTorch)',
  announcement:
    process.platform === 'linux'
      ? 'PyTorch with its CUDA libraries: downloads 3 GB, 5.6 GB on disk, 1 to 3 minutes'
      : 'PyTorch: about 1 GB on disk, a minute',
  neededBytes: process.platform === 'linux' ? 10e9 : 3e9,

  async check(context) {
    if (!context.pythonIsGiven && !(await isInstalled(await describeEnvironment(context)))) {
      return { status: 'fail', detail: 'not installed as locked', remedy: 'npm run setup' };
    }
    // It also fails if the system's Python, which the environment links to, was removed or replaced.
    const version = await tryCommand(context.python, ['-c', 'import sys; print(sys.version.split()[0])']);
    if (version === undefined) {
      const remedy = context.pythonIsGiven ? 'unset or correct WHENCODE_PYTHON' : 'npm run setup';
      return { status: 'fail', detail: `${context.python} does not run`, remedy };
    }
    return { status: 'ok', detail: `Python ${version}, ${context.python}` };
  },

  async install(context, say) {
    if (context.pythonIsGiven) return;
    let python = await findPython();
    if (python === undefined && (await canUseApt())) {
      await installDebianPackages(['python3', 'python3-venv']);
      python = await findPython();
    }
    if (python === undefined) {
      throw new SetupError(
        'no Python 3.11 to 3.14 was found',
        'install Python 3.11 or newer as python3, with venv and pip',
      );
    }
    const base = python;
    say(`with Python ${base.version}, ${base.executable}`);
    await installDirectory(await describeEnvironment(context), async (temporary) => {
      await runUv(context, base, [
        'venv',
        '--quiet',
        '--clear',
        '--relocatable',
        '--python',
        base.executable,
        temporary,
      ]);
      const interpreter = join(temporary, 'bin', 'python');
      await runUv(context, base, [
        'pip',
        'sync',
        '--quiet',
        '--require-hashes',
        '--python',
        interpreter,
        lockFile(context),
      ]);
    });
  },
};

/** @param {import('./types.d.ts').SetupContext} context */
function lockFile({ root }) {
  return join(root, 'src', 'trainer', 'python', 'requirements.lock');
}

/** @param {import('./types.d.ts').SetupContext} context */
const describeEnvironment = (context) => describeLocked(context, 'trainer', lockFile(context));
