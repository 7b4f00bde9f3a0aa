// transformers-js.mjs SCRATCH PROMPT_TOKENS NEW_TOKENS BATCH...: a line of JSON a batch.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { printDecoding } from './print-decoding.mjs';

const [scratch = '', promptTokens, newTokens, ...batches] = process.argv.slice(2);
const root = join(scratch, 'transformers-js');
const library = join(root, 'node_modules/@huggingface/transformers/dist/transformers.node.mjs');
const { AutoModelForCausalLM, Tensor, env } = await import(pathToFileURL(library).href);
env.allowRemoteModels = false;
env.localModelPath = root;
const model = await AutoModelForCausalLM.from_pretrained('model', { dtype: 'fp32', device: 'cpu' });

/**
 * Seconds for `count` new tokens behind the same prompt in every row.
 *
 * @param {number} batch
 * @param {number} count
 */
async function time(batch, count) {
  const shape = [batch, Number(promptTokens)];
  const size = batch * Number(promptTokens);
  const ids = BigInt64Array.from({ length: size }, (_, i) =>
    BigInt(1000 + (((i % Number(promptTokens)) * 37) % 40_000)),
  );
  const startedAt = performance.now();
  await model.generate({
    inputs: new Tensor('int64', ids, shape),
    attention_mask: new Tensor('int64', new BigInt64Array(size).fill(1n), shape),
    max_new_tokens: count,
    min_new_tokens: count,
    // From the whole distribution, as rollouts are.
    do_sample: true,
    temperature: 1,
    top_k: 0,
  });
  return (performance.now() - startedAt) / 1000;
}

await printDecoding(batches, Number(newTokens), time);
