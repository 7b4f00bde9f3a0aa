// node-llama-cpp.mjs SCRATCH THREADS PROMPT_TOKENS NEW_TOKENS BATCH...: a line of JSON a batch. Its prebuilt llama.cpp, the
// F32 model; each sequence computes the prompt for itself and draws in its own sampler at temperature 1.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { printDecoding } from './print-decoding.mjs';

const [scratch = '', threads, promptTokens, newTokens, ...batches] = process.argv.slice(2);
const library = join(scratch, 'node-llama-cpp/node_modules/node-llama-cpp/dist/index.js');
const { getLlama } = await import(pathToFileURL(library).href);
const llama = await getLlama({ gpu: false, build: 'never', maxThreads: Number(threads), logLevel: 'error' });
const model = await llama.loadModel({ modelPath: join(scratch, 'llama.cpp/model-f32.gguf'), gpuLayers: 0 });
const prompt = Array.from({ length: Number(promptTokens) }, (_, i) => 1000 + ((i * 37) % 40_000));

/**
 * Seconds for `count` new tokens in each of `batch` sequences.
 *
 * @param {number} batch
 * @param {number} count
 */
async function time(batch, count) {
  const context = await model.createContext({
    sequences: batch,
    contextSize: Number(promptTokens) + Number(newTokens) + 1,
    threads: { ideal: Number(threads), min: Number(threads) },
  });
  const sequences = Array.from({ length: batch }, () => context.getSequence());
  const options = { temperature: 1, topK: 0, topP: 1, minP: 0, yieldEogToken: true };
  const startedAt = performance.now();
  await Promise.all(
    sequences.map(async (sequence, seed) => {
      let written = 0;
      for await (const _ of sequence.evaluate(prompt, { ...options, seed })) if (++written === count) break;
      if (written < count) throw new Error(`a sequence ended after ${written} of ${count} tokens`);
    }),
  );
  const seconds = (performance.now() - startedAt) / 1000;
  await context.dispose();
  return seconds;
}

await printDecoding(batches, Number(newTokens), time);
process.exit(0);
