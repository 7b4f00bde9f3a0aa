/** `ours.ts MODEL COMPUTE THREADS PROMPT_TOKENS NEW_TOKENS BATCH...`: a line of JSON a batch. */

import type { SamplerCompute } from '../../../src/models/weight-layout.ts';
import { createOnnxSampler } from '../../../src/sampler/onnx-sampler.ts';
import { endlessModel } from './endless-model.ts';
import { printDecoding } from './print-decoding.mjs';

const [model = '', compute = 'fp32', threads, promptTokens, newTokens, ...batches] = process.argv.slice(2);
const modelDirectory = await endlessModel(model);
const sampler = await createOnnxSampler({
  modelDirectory,
  compute: compute as SamplerCompute,
  threads: Number(threads),
});
const promptIds = Array.from({ length: Number(promptTokens) }, (_, i) => 1000 + ((i * 37) % 40_000));

async function time(batch: number, maxNewTokens: number): Promise<number> {
  const startedAt = performance.now();
  await sampler.generate(
    Array.from({ length: batch }, (_, i) => ({
      id: `${i}`,
      promptIds,
      seed: `${i}`,
      maxNewTokens,
      temperature: 1,
      stopStrings: [],
    })),
  );
  return (performance.now() - startedAt) / 1000;
}

await printDecoding(batches, Number(newTokens), time);
await sampler.close();
