/** Tiny random models of every family with what transformers computes with them, made once per content of the script. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { readEnvironment } from '../../src/config/environment.ts';

const SCRIPT = fileURLToPath(new URL('../fixtures/sampler/make_models.py', import.meta.url));

export const MODEL_NAMES = [
  'llama-tied',
  'llama-gqa-llama3-rope',
  'llama-linear-rope-biases',
  'mistral',
  'qwen2',
  'qwen2-yarn-rope',
  'qwen3',
  'llama-wide',
  'llama-wide-heads',
  // config.json as people write it.
  'llama-rope-added',
  'qwen2-rope-top-original',
  'qwen3-rope-mscale',
  'llama-rope-old-names',
  'llama-other-head',
  'qwen2-window-unused',
] as const;

export interface ModelGolden {
  readonly cases: readonly {
    readonly promptIds: readonly number[];
    readonly greedyIds: readonly number[];
    readonly logProbs: readonly number[];
  }[];
  /** The next token's distribution after one prompt. */
  readonly probe: {
    readonly promptIds: readonly number[];
    readonly temperature: number;
    readonly probabilities: readonly number[];
  };
}

export interface TokenizerGolden {
  readonly cases: readonly { readonly text: string; readonly ids: readonly number[]; readonly decoded: string }[];
  readonly messages: readonly { readonly role: 'system' | 'user'; readonly content: string }[];
  readonly chat: string;
  readonly eosTokenId: number;
}

/** Folder that holds a folder for each model and tokenizer. */
export async function tinyModels(): Promise<string> {
  const digest = createHash('sha256')
    .update(await readFile(SCRIPT))
    .digest('hex')
    .slice(0, 16);
  const folder = join(tmpdir(), `whencode-tiny-models-${digest}`);
  if (existsSync(folder)) return folder;
  const fresh = await mkdtemp(`${folder}-`);
  await promisify(execFile)(readEnvironment().python, [SCRIPT, fresh]);
  // Two test files may make them at once: the first one's stay.
  await rename(fresh, folder).catch(() => rm(fresh, { recursive: true }));
  return folder;
}

export async function readGolden<Golden>(directory: string): Promise<Golden> {
  return JSON.parse(await readFile(join(directory, 'golden.json'), 'utf8')) as Golden;
}
