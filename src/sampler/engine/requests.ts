/** Checks requests against the model and cuts them into units of rows that share a prompt. */
import type { ModelConfig } from '../model-config.ts';
import type { GenerateRequest, ScoreRequest } from '../types.ts';
import { SamplerRequestError } from './errors.ts';
import { groupBy } from './group-by.ts';
import { kvBytesPerToken } from './kv-buffer.ts';
import type { JobUnit, RowJob } from './messages.ts';

/** Rows of one prompt beyond this are dealt out anew, so that a single prompt keeps every thread busy. */
const MAX_UNIT_ROWS = 16;

export interface UnitOrigin {
  readonly callId: number;
  readonly isWatched: boolean;
}

export interface RequestLimits {
  readonly config: ModelConfig;
  readonly kvBudgetBytes: number;
}

/** Throws SamplerRequestError that names the request and the limit. */
export function generateUnits(
  origin: UnitOrigin,
  requests: readonly GenerateRequest[],
  limits: RequestLimits,
): JobUnit[] {
  for (const { id, promptIds, maxNewTokens, temperature, stopStrings } of requests) {
    if (!(Number.isSafeInteger(maxNewTokens) && maxNewTokens > 0))
      throw new SamplerRequestError(`request ${id}: maxNewTokens is ${maxNewTokens}; it has to be a positive integer`);
    if (!(temperature >= 0 && temperature <= 100))
      throw new SamplerRequestError(`request ${id}: temperature is ${temperature}; it has to be 0 (greedy) to 100`);
    if (stopStrings.includes(''))
      throw new SamplerRequestError(`request ${id}: a stop string is empty; leave it out or name a text`);
    checkTokens(id, 'prompt', promptIds, limits);
    checkLength(id, promptIds.length, maxNewTokens, limits);
  }
  return unitsOf(
    origin,
    requests.map(({ promptIds, seed, maxNewTokens, temperature, stopStrings }, index) => ({
      promptIds,
      job: { index, seed, maxNewTokens, temperature, stopStrings },
    })),
  );
}

export function scoreUnits(origin: UnitOrigin, requests: readonly ScoreRequest[], limits: RequestLimits): JobUnit[] {
  for (const { id, promptIds, continuationIds } of requests) {
    checkTokens(id, 'prompt', promptIds, limits);
    checkTokens(id, 'continuation', continuationIds, limits);
    checkLength(id, promptIds.length, continuationIds.length, limits);
  }
  return unitsOf(
    origin,
    requests.map(({ promptIds, continuationIds }, index) => ({
      promptIds,
      job: {
        index,
        seed: '',
        maxNewTokens: continuationIds.length,
        temperature: 1,
        stopStrings: [],
        forcedIds: continuationIds,
      },
    })),
  );
}

function unitsOf(origin: UnitOrigin, rows: readonly { promptIds: readonly number[]; job: RowJob }[]): JobUnit[] {
  const units: JobUnit[] = [];
  for (const alike of groupBy(rows, ({ promptIds }) => promptIds.join(' ')).values())
    for (let start = 0; start < alike.length; start += MAX_UNIT_ROWS) {
      const chosen = alike.slice(start, start + MAX_UNIT_ROWS);
      units.push({ ...origin, promptIds: chosen[0]?.promptIds ?? [], rows: chosen.map(({ job }) => job) });
    }
  // Long prompts first: neighbours of like length waste little padding, and the end of a call is cheap.
  return units.sort((a, b) => b.promptIds.length - a.promptIds.length);
}

function checkTokens(id: string, what: string, ids: readonly number[], { config }: RequestLimits): void {
  if (ids.length === 0)
    throw new SamplerRequestError(`request ${id}: its ${what} has no tokens; it needs at least one`);
  const strange = ids.find((token) => !Number.isSafeInteger(token) || token < 0 || token >= config.vocabSize);
  if (strange !== undefined)
    throw new SamplerRequestError(
      `request ${id}: ${strange} in its ${what} is no token of the model, whose ids are 0 to ${config.vocabSize - 1}; was it encoded with another model's tokenizer?`,
    );
}

function checkLength(id: string, prompt: number, added: number, { config, kvBudgetBytes }: RequestLimits): void {
  const tokens = prompt + added;
  if (tokens > config.maxContextTokens)
    throw new SamplerRequestError(
      `request ${id}: ${prompt} prompt tokens and ${added} new ones exceed the model's ${config.maxContextTokens}`,
    );
  const bytes = tokens * kvBytesPerToken(config);
  if (bytes > kvBudgetBytes)
    throw new SamplerRequestError(
      `request ${id}: ${tokens} tokens need ${Math.ceil(bytes / 2 ** 20)} MiB of keys and values, a thread has ${Math.floor(kvBudgetBytes / 2 ** 20)} MiB; raise kvBudgetBytes or ask for fewer tokens`,
    );
}
