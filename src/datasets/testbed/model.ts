/** The tiny model that a testbed campaign trains from scratch: 533,120 parameters. */
import { spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { testbedTokenizerSpec } from './tokenizer-spec.ts';

const TRAINER = fileURLToPath(new URL('../../trainer/python', import.meta.url));

export const TESTBED_MODEL_CONFIG = {
  architectures: ['LlamaForCausalLM'],
  model_type: 'llama',
  vocab_size: 832,
  hidden_size: 128,
  intermediate_size: 384,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 4,
  max_position_embeddings: 512,
  rope_theta: 1000,
  rms_norm_eps: 1e-5,
  initializer_range: 0.02,
  hidden_act: 'silu',
  tie_word_embeddings: true,
  attention_bias: false,
  mlp_bias: false,
  pad_token_id: 0,
  bos_token_id: 1,
  eos_token_id: 2,
  torch_dtype: 'float32',
} as const;

/** Trains the testbed's tokenizer (some seconds) and writes its files. Equal on every machine. */
export async function writeTestbedTokenizer(python: string, directory: string): Promise<void> {
  const { corpus, ...spec } = testbedTokenizerSpec();
  await mkdir(directory, { recursive: true });
  const corpusFile = join(directory, '..', 'corpus.txt');
  await writeFile(corpusFile, corpus.join('\n'));
  await runPython(python, ['-E', '-s', '-m', 'whencode_trainer.make_tokenizer'], {
    ...spec,
    corpusFile,
    outDir: directory,
  });
}

function runPython(python: string, args: readonly string[], input: unknown): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(python, [...args], { cwd: TRAINER, stdio: ['pipe', 'ignore', 'pipe'] });
    let complaint = '';
    child.stderr.on('data', (chunk: Buffer) => {
      complaint += chunk.toString();
    });
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`making the testbed's tokenizer ended with exit code ${code}: ${complaint.slice(-2000)}`));
    });
    child.stdin.on('error', () => undefined);
    child.stdin.end(JSON.stringify(input));
  });
}
