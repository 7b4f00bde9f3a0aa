/** Before any rollout: does this server return what off-policy training needs? */
import { SamplerRequestError } from '../engine/errors.ts';
import type { GenerateRequest } from '../types.ts';
import type { CompletionsClient, ServedModel } from './completions-client.ts';
import { type Completion, readGenerations, readScore, type SampleGroup, sampleBody, scoreBody } from './protocol.ts';

/** As far from 1 as servers allow, so that a log-prob before temperature can not pass for one after it. */
const TEMPERATURE = 2;
const SAMPLES = 8;
/** Servers compute in bf16 too; raw and processed log-probs differ by far more. */
const TOLERANCE = 0.15;

/**
 * The model to ask for: the one of this name, or the only one that the server has.
 * @throws SamplerRequestError naming what the server has
 */
export async function findModel(
  client: CompletionsClient,
  servedName?: string,
  signal?: AbortSignal,
): Promise<ServedModel> {
  const models = await client.listModels(signal);
  const found =
    servedName === undefined && models.length === 1 ? models[0] : models.find(({ id }) => id === servedName);
  if (found !== undefined) return found;
  const has = models.map(({ id }) => id).join(', ') || 'no model';
  throw new SamplerRequestError(
    servedName === undefined
      ? `the server has ${has}; it has to serve one model under one name`
      : `the server has ${has}; it has to serve the checkpoint under the name ${servedName} (vLLM: --served-model-name)`,
  );
}

/**
 * Checks that token ids come back, and that log-probs are *processed*: those after temperature, of the distribution that
 * was sampled from. A raw one would make every importance ratio wrong. Returns what the server says it is, if it does.
 * @throws SamplerRequestError naming what is missing and the server option that gives it
 */
export async function checkCapabilities(
  client: CompletionsClient,
  servedName: string,
  eosTokenIds: readonly number[],
  signal?: AbortSignal,
): Promise<string | undefined> {
  const promptIds = [eosTokenIds[0] ?? 1];
  const group = probeGroup(promptIds);
  const completion = await client.complete(sampleBody(servedName, group, eosTokenIds), signal);
  requireTokenIds(completion);
  const samples = readGenerations(group, completion);
  const first = samples.map(({ tokenIds, logProbs }) => ({ token: tokenIds[0] ?? 0, processed: logProbs[0] ?? 0 }));
  const pairs = await Promise.all(
    first.map(async ({ token, processed }) => {
      const request = { id: 'probe', promptIds, continuationIds: [token] };
      const scored = await client.complete(scoreBody(servedName, request), signal);
      requirePromptLogProbs(scored);
      const [raw = 0] = readScore(request, scored);
      return { raw, processed };
    }),
  );
  judge(pairs);
  return completion.system_fingerprint ?? undefined;
}

function probeGroup(promptIds: readonly number[]): SampleGroup {
  const request = (sample: number): GenerateRequest => ({
    id: `${sample}`,
    promptIds,
    seed: `probe/${sample}`,
    maxNewTokens: 1,
    temperature: TEMPERATURE,
    stopStrings: [],
  });
  return [request(0), ...Array.from({ length: SAMPLES - 1 }, (_, at) => request(at + 1))];
}

function requireTokenIds(completion: Completion): void {
  if (completion.choices.every(({ token_ids: ids }) => ids !== undefined && ids !== null && ids.length > 0)) return;
  throw new SamplerRequestError(
    'the server returns no token ids (`return_token_ids`); text alone can not be trained on, as it may be cut into other tokens. vLLM has it from 0.10.2 on',
  );
}

function requirePromptLogProbs({ choices }: Completion): void {
  if (choices.every(({ prompt_logprobs: table }) => table !== undefined && table !== null)) return;
  throw new SamplerRequestError(
    'the server returns no log-probs of a prompt (`prompt_logprobs`), by which prefixes are scored; vLLM does',
  );
}

/** Below this a token's log-prob before and after temperature differ by more than the tolerance. */
const UNSURE = -0.5;

/** log p_T(i) = raw(i)/T − log Z_T: differences between tokens shrink by T where the log-probs are processed. */
function judge(pairs: readonly { readonly raw: number; readonly processed: number }[]): void {
  const [reference] = pairs;
  if (reference === undefined) return;
  const isRaw = pairs.every(({ raw, processed }) => Math.abs(raw - processed) < TOLERANCE);
  if (isRaw && pairs.some(({ raw }) => raw < UNSURE))
    throw new SamplerRequestError(
      'the server returns raw log-probs, those before temperature; it has to return processed ones (vLLM: --logprobs-mode processed_logprobs)',
    );
  const fits = pairs.every(
    ({ raw, processed }) => Math.abs(processed - reference.processed - (raw - reference.raw) / TEMPERATURE) < TOLERANCE,
  );
  if (!fits)
    throw new SamplerRequestError(
      `the server's log-probs are neither those before temperature nor those after it; something else shapes its distribution: ${JSON.stringify(pairs)}`,
    );
}
