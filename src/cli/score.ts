/** `whencode score`: log-probs of given continuations under a model, without a stack. */
import type { Command } from 'commander';
import { z } from 'zod';
import { readJsonLines } from './json-lines.ts';
import {
  COMPUTE_OPTION,
  MODEL_OPTION,
  type SamplerOptions,
  SERVER_OPTION,
  THREADS_OPTION,
  withSampler,
} from './open-sampler.ts';
import { write } from './terminal.ts';

const tokens = z.array(z.int().nonnegative()).min(1, 'at least one token is needed');
const ScoreLine = z.strictObject({ id: z.coerce.string(), promptTokens: tokens, continuationTokens: tokens });

export function addScoreCommand(program: Command): void {
  program
    .command('score')
    .description('log-probs of continuations, at temperature 1')
    .argument('<file>', 'JSON lines {id, promptTokens, continuationTokens}; `-` is standard input')
    .requiredOption(...MODEL_OPTION)
    .option(...THREADS_OPTION)
    .addOption(COMPUTE_OPTION())
    .addOption(SERVER_OPTION())
    .option('--json', 'print {id, logProbs} a line instead of sums')
    .action(async (file: string, options: SamplerOptions & { json?: boolean }) => {
      const lines = await readJsonLines(file, ScoreLine);
      const requests = lines.map(({ id, promptTokens, continuationTokens }) => ({
        id,
        promptIds: promptTokens,
        continuationIds: continuationTokens,
      }));
      const scores = await withSampler(options, (sampler) => sampler.score(requests));
      for (const { id, logProbs } of scores) {
        const sum = logProbs.reduce((total, logProb) => total + logProb, 0);
        const text = `${id}: log-prob ${sum.toFixed(4)} over ${logProbs.length} tokens, ${(sum / logProbs.length).toFixed(4)} each`;
        write(`${options.json ? JSON.stringify({ id, logProbs }) : text}\n`);
      }
    });
}
