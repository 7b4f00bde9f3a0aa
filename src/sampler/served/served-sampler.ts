/** The sampler on a completions server (vLLM, or another with its contract), behind the interface of our own. */
import { setMaxListeners } from 'node:events';
import { SamplerRequestError } from '../engine/errors.ts';
import { readEosTokenIds } from '../tokenizer.ts';
import type { GenerateRequest, Generation, Sampler, SamplerCallOptions, Score, ScoreRequest } from '../types.ts';
import { checkCapabilities, findModel } from './capabilities.ts';
import { type CompletionsServer, createCompletionsClient } from './completions-client.ts';
import { groupSamples, readGenerations, readScore, sampleBody, scoreBody } from './protocol.ts';

export interface ServedSamplerOptions extends CompletionsServer {
  /**
   * What the server calls the model: in a campaign the checkpoint's digest, so that an answer of other weights is
   * noticed. Default: the only model that it has.
   */
  readonly servedName?: string;
  /** Folder of the model that is served: its end-of-sequence tokens are read from here. */
  readonly modelDirectory: string;
}

/** Samples of one HTTP request at most: a failed request costs that many. */
const LARGEST_GROUP = 16;

/**
 * Connects and checks what the server can do. Samples of one prompt in one call are drawn together (`n`), so a sample
 * depends on (weights, prompt, seeds of its prompt's samples) and, in its last bits, on the server's batches.
 * @throws SamplerRequestError when the server can't be trained from, SamplerCrashError when it does not answer
 */
export async function createServedSampler(options: ServedSamplerOptions): Promise<Sampler> {
  const client = createCompletionsClient(options);
  const eosTokenIds = await readEosTokenIds(options.modelDirectory);
  const model = await findModel(client, options.servedName);
  const fingerprint = await checkCapabilities(client, model.id, eosTokenIds);
  const closing = new AbortController();

  /** All of a call or nothing: the first failure cancels the rest. */
  async function all<Part, Result>(
    parts: readonly Part[],
    { signal, checkpoint }: SamplerCallOptions,
    work: (part: Part, signal: AbortSignal) => Promise<Result>,
  ): Promise<Result[]> {
    if (checkpoint !== undefined && checkpoint !== model.id)
      throw new SamplerRequestError(`checkpoint ${checkpoint} was asked for, the server has ${model.id}`);
    const failed = new AbortController();
    const either = AbortSignal.any([closing.signal, failed.signal, ...(signal === undefined ? [] : [signal])]);
    // Every request under way listens to it.
    setMaxListeners(0, either);
    try {
      return await Promise.all(parts.map((part) => work(part, either)));
    } catch (error) {
      failed.abort();
      throw signal?.aborted ? signal.reason : error;
    }
  }

  return {
    backend: { kind: 'served', engine: model.ownedBy ?? 'unknown', version: fingerprint ?? 'unknown' },
    async generate(requests: readonly GenerateRequest[], call: SamplerCallOptions = {}): Promise<Generation[]> {
      if (requests.some(({ truncation }) => truncation !== undefined))
        throw new SamplerRequestError(
          'top-k, top-p and min-p are for our own engine: log-probs of a served model would be those of what is left',
        );
      let finished = 0;
      let newTokens = 0;
      const groups = await all(groupSamples(requests, LARGEST_GROUP), call, async (group, signal) => {
        const generations = readGenerations(
          group,
          await client.complete(sampleBody(model.id, group, eosTokenIds), signal),
        );
        for (const { id, tokenIds } of generations) {
          finished += 1;
          newTokens += tokenIds.length;
          call.onTokens?.(id, tokenIds);
        }
        call.onProgress?.({ finished, total: requests.length, newTokens });
        return generations;
      });
      const byId = new Map(groups.flat().map((generation) => [generation.id, generation]));
      return requests.flatMap(({ id }) => byId.get(id) ?? []);
    },
    score: (requests: readonly ScoreRequest[], call: SamplerCallOptions = {}): Promise<Score[]> =>
      all(requests, call, async (request, signal) => ({
        id: request.id,
        logProbs: readScore(request, await client.complete(scoreBody(model.id, request), signal)),
      })),
    async close() {
      closing.abort();
    },
  };
}
