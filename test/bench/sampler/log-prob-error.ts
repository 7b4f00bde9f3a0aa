/**
 * How far the log-probs of w8a8 are from those of fp32 on the same tokens, which fp32 sampled.
 * `npx tsx test/bench/sampler/log-prob-error.ts MODEL [TOKENS]`
 */
import { createOnnxSampler } from '../../../src/sampler/onnx-sampler.ts';
import { readTokenizer } from '../../../src/sampler/tokenizer.ts';

const [modelDirectory = '.whencode/models/smollm2-135m-instruct', newTokens = '64'] = process.argv.slice(2);
const QUESTIONS = [
  'What is the sum of the first ten odd numbers?',
  'A train goes 60 km in 45 minutes. How fast is it?',
  'Solve 3x + 7 = 22 for x.',
  'How many ways are there to choose 3 of 8 people?',
];
const tokenizer = await readTokenizer(modelDirectory);
const sampler = await createOnnxSampler({ modelDirectory });
const prompts = await Promise.all(QUESTIONS.map((content) => tokenizer.renderChat([{ role: 'user', content }])));
const requests = prompts.flatMap((prompt, question) =>
  Array.from({ length: 4 }, (_, sample) => ({
    id: `${question}/${sample}`,
    promptIds: tokenizer.encode(prompt),
    seed: `${sample}`,
    maxNewTokens: Number(newTokens),
    temperature: 1,
    stopStrings: [],
  })),
);
const generations = await sampler.generate(requests);
await sampler.close();
const rounded = await createOnnxSampler({ modelDirectory, compute: 'w8a8' });
const scores = await rounded.score(
  generations.map(({ id, tokenIds }, i) => ({
    id,
    promptIds: requests[i]?.promptIds ?? [],
    continuationIds: tokenIds,
  })),
);
await rounded.close();

const differences = scores.flatMap(({ logProbs }, i) =>
  logProbs.map((value, j) => value - (generations[i]?.logProbs[j] ?? 0)),
);
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const magnitudes = differences.map(Math.abs).sort((a, b) => a - b);
const figures = {
  tokens: differences.length,
  meanAbsolute: mean(magnitudes),
  median: magnitudes[magnitudes.length >> 1],
  percentile99: magnitudes[Math.floor(magnitudes.length * 0.99)],
  largest: magnitudes.at(-1),
  /** KL(fp32 || w8a8) a token, estimated from the samples. */
  klPerToken: -mean(differences),
  /** What the trainer's probe looks at. */
  meanAbsoluteRatioError: mean(differences.map((difference) => Math.abs(Math.exp(difference) - 1))),
};
console.log(JSON.stringify(figures, null, 1));
