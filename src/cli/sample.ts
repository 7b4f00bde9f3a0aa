/** `whencode sample`: lets a model write, without a stack. */

import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { z } from 'zod';
import { encodePrefix, encodePrompt } from '../rollout/prompt.ts';
import { TEMPLATES, type TemplateName } from '../rollout/template.ts';
import { ARMS, type Arm } from '../rollout/types.ts';
import { readTokenizer } from '../sampler/tokenizer.ts';
import type { GenerateRequest, Sampler, Tokenizer, Truncation } from '../sampler/types.ts';
import { UsageError } from './exit.ts';
import { readJsonLines } from './json-lines.ts';
import {
  asUsageError,
  COMPUTE_OPTION,
  MODEL_OPTION,
  type SamplerOptions,
  SERVER_OPTION,
  THREADS_OPTION,
  withSampler,
} from './open-sampler.ts';
import { parseCount, parseShare, temperature } from './options.ts';
import { printSamples, TokenStream } from './print-samples.ts';
import { printError, write } from './terminal.ts';

const SampleLine = z
  .strictObject({
    id: z.coerce.string(),
    prompt: z.string().min(1).optional(),
    promptTokens: z.array(z.int().nonnegative()).min(1).optional(),
    n: z.int().positive().default(1),
    seed: z.coerce.string().default('0'),
  })
  .refine(({ prompt, promptTokens }) => (prompt === undefined) !== (promptTokens === undefined), {
    error: 'give either prompt or promptTokens',
  });
type SampleLine = z.infer<typeof SampleLine>;

export interface SampleOptions extends SamplerOptions {
  readonly n: number;
  readonly seed: string;
  readonly maxNewTokens: number;
  readonly temperature: number;
  readonly topP?: number;
  readonly topK?: number;
  readonly minP?: number;
  readonly stop: string[];
  readonly template?: TemplateName;
  readonly arm: Arm;
  readonly json?: boolean;
}

export function addSampleCommand(program: Command): void {
  program
    .command('sample')
    .description('write continuations of a prompt, or of every line of a file')
    .argument('<prompt>', 'a text, or a file of JSON lines {id, prompt | promptTokens, n, seed}; `-` is standard input')
    .requiredOption(...MODEL_OPTION)
    .option('-n, --n <n>', 'samples of a prompt given as text', parseCount, 1)
    .option('--seed <text>', 'of a prompt given as text; a sample depends on model, prompt, seed and options only', '0')
    .option('--max-new-tokens <n>', 'tokens of a sample at most', parseCount, 256)
    .option('--temperature <t>', '0 = greedy', temperature(100), 1)
    .option('--top-k <n>', 'draw from the n most probable tokens only', parseCount)
    .option('--top-p <p>', 'draw from the most probable tokens that have this mass together', parseShare)
    .option('--min-p <p>', 'draw from tokens at least this probable, relative to the most probable one', parseShare)
    .option(
      '--stop <text>',
      'stop after this text; may be given several times',
      (text, all: string[]) => [...all, text],
      [],
    )
    .addOption(
      new Option('--template <name>', 'take the prompt for a problem and render it').choices(Object.keys(TEMPLATES)),
    )
    .addOption(new Option('--arm <arm>', "force the template's prefix").choices(ARMS).default('auto'))
    .option(...THREADS_OPTION)
    .addOption(COMPUTE_OPTION())
    .addOption(SERVER_OPTION())
    .option('--json', 'print a line a sample: id, sample, text, tokenIds, logProbs, finish')
    .action(runSample);
}

async function runSample(prompt: string, options: SampleOptions): Promise<void> {
  if (options.arm !== 'auto' && options.template === undefined)
    throw new UsageError(
      `--arm ${options.arm} needs --template, which has the prefix (${Object.keys(TEMPLATES).join(', ')})`,
    );
  const isFile = prompt === '-' || statSync(prompt, { throwIfNoEntry: false })?.isFile() === true;
  const lines: SampleLine[] = isFile
    ? await readJsonLines(prompt, SampleLine)
    : [{ id: 'prompt', prompt, n: options.n, seed: options.seed }];
  const needsTokenizer = lines.some((line) => line.prompt !== undefined);
  const hasTokenizer = existsSync(join(options.model, 'tokenizer.json'));
  const tokenizer = needsTokenizer || hasTokenizer ? await openTokenizer(options.model) : undefined;
  const requests = (await Promise.all(lines.map((line) => requestsOf(line, options, tokenizer)))).flat();
  await withSampler(options, (sampler) => sampleAndPrint(sampler, tokenizer, requests, options));
}

/** The n requests of a line; sample k draws with the seed `<seed>/<k>`. */
async function requestsOf(
  line: SampleLine,
  options: SampleOptions,
  tokenizer: Tokenizer | undefined,
): Promise<GenerateRequest[]> {
  const truncation = truncationOf(options);
  const promptIds =
    line.promptTokens ?? (tokenizer && (await promptIdsOf(line.prompt ?? '', options, tokenizer))) ?? [];
  return Array.from({ length: line.n }, (_, sample) => ({
    id: JSON.stringify([line.id, sample]),
    promptIds,
    seed: `${line.seed}/${sample}`,
    maxNewTokens: options.maxNewTokens,
    temperature: options.temperature,
    stopStrings: options.stop,
    ...(truncation === undefined ? {} : { truncation }),
  }));
}

function truncationOf({ topK, topP, minP }: SampleOptions): Truncation | undefined {
  if (topK === undefined && topP === undefined && minP === undefined) return undefined;
  return {
    ...(topK === undefined ? {} : { topK }),
    ...(topP === undefined ? {} : { topP }),
    ...(minP === undefined ? {} : { minP }),
  };
}

async function promptIdsOf(prompt: string, { template, arm }: SampleOptions, tokenizer: Tokenizer): Promise<number[]> {
  if (template === undefined) return tokenizer.encode(prompt);
  return [
    ...(await encodePrompt(prompt, TEMPLATES[template], tokenizer)),
    ...encodePrefix(arm, TEMPLATES[template], tokenizer),
  ];
}

async function sampleAndPrint(
  sampler: Sampler,
  tokenizer: Tokenizer | undefined,
  requests: readonly GenerateRequest[],
  options: SampleOptions,
): Promise<void> {
  const startedAt = performance.now();
  const isWatched = requests.length === 1 && options.json !== true && tokenizer !== undefined;
  const stream = isWatched ? new TokenStream(tokenizer, write) : undefined;
  const generations = await sampler.generate(requests, stream ? { onTokens: (_, ids) => stream.push(ids) } : {});
  const seconds = (performance.now() - startedAt) / 1000;
  if (stream !== undefined) stream.end();
  else printSamples(generations, tokenizer, options.json === true, write);
  const tokens = generations.reduce((sum, { tokenIds }) => sum + tokenIds.length, 0);
  printError(
    `${generations.length} samples, ${tokens} tokens in ${seconds.toFixed(2)} s: ${Math.round(tokens / seconds)} tokens/s`,
  );
}

function openTokenizer(model: string): Promise<Tokenizer> {
  return readTokenizer(model).catch((error: unknown) => {
    throw asUsageError(error);
  });
}
