/**
 * What we ask of a completions server and what it must answer: OpenAI's `/v1/completions` with token ids in both
 * directions, as vLLM has it. Recorded from a real one in test/fixtures/served.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { SamplerCrashError } from '../engine/errors.ts';
import type { GenerateRequest, Generation, ScoreRequest } from '../types.ts';

/** Requests that one HTTP request asks for: same prompt and options, `n` samples drawn together. */
export type SampleGroup = readonly [GenerateRequest, ...GenerateRequest[]];

const choiceSchema = z.object({
  index: z.int(),
  text: z.string(),
  token_ids: z.array(z.int()).nullish(),
  /** What the server took for the prompt. */
  prompt_token_ids: z.array(z.int()).nullish(),
  logprobs: z.object({ token_logprobs: z.array(z.number().nullable()) }).nullish(),
  finish_reason: z.string().nullable(),
  stop_reason: z.union([z.string(), z.int()]).nullish(),
  prompt_logprobs: z.array(z.record(z.string(), z.object({ logprob: z.number() })).nullable()).nullish(),
});
export const completionSchema = z.object({
  model: z.string(),
  /** e.g. `vllm-0.32.0-d711a127` */
  system_fingerprint: z.string().nullish(),
  choices: z.array(choiceSchema),
});
export type Completion = z.infer<typeof completionSchema>;
type Choice = Completion['choices'][number];

/**
 * Nothing but the temperature may shape the distribution: a server would else take top-p, top-k and penalties from the
 * model's generation_config.json, and the log-probs would not be the policy's.
 */
const PLAIN_DISTRIBUTION = {
  top_p: 1,
  top_k: 0,
  min_p: 0,
  repetition_penalty: 1,
  presence_penalty: 0,
  frequency_penalty: 0,
};

/** The body that draws a group's samples. `eosTokenIds` end a sample and are returned with it. */
export function sampleBody(name: string, group: SampleGroup, eosTokenIds: readonly number[]) {
  const [{ promptIds, maxNewTokens, temperature, stopStrings }] = group;
  return {
    model: name,
    prompt: promptIds,
    n: group.length,
    seed: seedOf(group),
    max_tokens: maxNewTokens,
    temperature,
    ...PLAIN_DISTRIBUTION,
    stop: stopStrings,
    include_stop_str_in_output: true,
    // A server also ends at the tokenizer's end of sequence, which need not be the model's: ours alone count.
    ignore_eos: true,
    stop_token_ids: eosTokenIds,
    skip_special_tokens: false,
    logprobs: 0,
    return_token_ids: true,
  };
}

/** The body that scores a continuation: one token is sampled after it and thrown away, as servers want at least one. */
export function scoreBody(name: string, { promptIds, continuationIds }: ScoreRequest) {
  return {
    model: name,
    prompt: [...promptIds, ...continuationIds],
    max_tokens: 1,
    temperature: 1,
    ...PLAIN_DISTRIBUTION,
    prompt_logprobs: 0,
    return_token_ids: true,
  };
}

/** The group's own seed: 48 bits that depend on the seeds of its samples and their order alone. */
function seedOf(group: SampleGroup): number {
  const text = JSON.stringify(group.map(({ seed }) => seed));
  return createHash('sha256').update(text).digest().readUIntBE(0, 6);
}

/** Requests with the same prompt and options, in order of first appearance; at most `largest` to a group. */
export function groupSamples(requests: readonly GenerateRequest[], largest: number): SampleGroup[] {
  const open = new Map<string, [GenerateRequest, ...GenerateRequest[]]>();
  const groups: SampleGroup[] = [];
  for (const request of requests) {
    const { promptIds, maxNewTokens, temperature, stopStrings } = request;
    const key = JSON.stringify([promptIds, maxNewTokens, temperature, stopStrings]);
    const group = open.get(key);
    // Greedy samples of one prompt are all the same, and servers refuse to draw several.
    if (group !== undefined && group.length < largest && temperature > 0) group.push(request);
    else {
      const fresh: [GenerateRequest] = [request];
      open.set(key, fresh);
      groups.push(fresh);
    }
  }
  return groups;
}

/** @throws SamplerCrashError when the answer is not what the contract promises */
export function readGenerations(group: SampleGroup, { choices }: Completion): Generation[] {
  const byIndex = new Map(choices.map((choice) => [choice.index, choice]));
  return group.map(({ id, promptIds, stopStrings }, index) => {
    const choice = byIndex.get(index);
    if (choice === undefined) throw broken(`${choices.length} samples came back, ${group.length} were asked for`);
    requirePrompt(choice, promptIds);
    const tokenIds = choice.token_ids ?? [];
    const logProbs = readLogProbs(choice);
    if (tokenIds.length !== logProbs.length || tokenIds.length === 0)
      throw broken(`${tokenIds.length} token ids came with ${logProbs.length} log-probs`);
    return { id, tokenIds, logProbs, finish: readFinish(choice, stopStrings) };
  });
}

/** @throws SamplerCrashError when the answer is not what the contract promises */
export function readScore({ promptIds, continuationIds }: ScoreRequest, { choices }: Completion): number[] {
  if (choices[0] !== undefined) requirePrompt(choices[0], [...promptIds, ...continuationIds]);
  const table = choices[0]?.prompt_logprobs ?? [];
  return continuationIds.map((token, at) => {
    const logProb = table[promptIds.length + at]?.[`${token}`]?.logprob;
    if (logProb === undefined) throw broken(`no log-prob for position ${promptIds.length + at} of the prompt`);
    return logProb;
  });
}

/** A server that says what it took for the prompt must have taken ours: nothing put before it, nothing cut off. */
function requirePrompt({ prompt_token_ids: taken }: Choice, promptIds: readonly number[]): void {
  if (taken == null || (taken.length === promptIds.length && taken.every((id, at) => id === promptIds[at]))) return;
  throw broken(`it took [${taken.slice(0, 8)}] (${taken.length}) for [${promptIds.slice(0, 8)}] (${promptIds.length})`);
}

function readLogProbs({ logprobs }: Choice): number[] {
  return (logprobs?.token_logprobs ?? []).map((value) => {
    if (value === null) throw broken('a sampled token has no log-prob');
    return value;
  });
}

function readFinish(
  { finish_reason: reason, stop_reason: by }: Choice,
  stops: readonly string[],
): Generation['finish'] {
  if (reason === 'length') return 'length';
  if (reason !== 'stop') throw broken(`a sample ended as "${reason}"; known are stop and length`);
  if (typeof by === 'number') return 'eos';
  if (typeof by === 'string' && stops.includes(by)) return 'stop';
  // Taken for the end of the sequence, a code block would never be run.
  throw broken(`a sample stopped, and stop_reason ("${by}") is neither an end of sequence nor a stop string`);
}

const broken = (what: string): SamplerCrashError =>
  new SamplerCrashError(`the completions server broke its contract: ${what}`);
