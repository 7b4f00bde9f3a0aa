/** Checks requests against the model and cuts them into units of rows that share a prompt. */
import type { ModelConfig } from '../../models/model-config.ts';
import type { GenerateRequest, ScoreRequest, Truncation, Turn } from '../types.ts';
import { SamplerRequestError } from './errors.ts';
import { groupBy } from './group-by.ts';
import { canonicalTurns, keptKeyOf } from './kept-key.ts';
import { kvBytesPerToken } from './kv-buffer.ts';
import type { JobUnit, Past, RowJob } from './messages.ts';

/** Rows of one prompt beyond this are dealt out again, so that a single prompt keeps every thread busy. */
const MAX_UNIT_ROWS = 16;

export interface UnitOrigin {
  readonly callId: number;
  readonly isWatched: boolean;
  /** The thread that keeps the KV of this key. */
  readonly holderOf?: (keptKey: string) => number | undefined;
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
  for (const { id, promptIds, maxNewTokens, temperature, stopStrings, truncation, turns } of requests) {
    if (!(Number.isSafeInteger(maxNewTokens) && maxNewTokens > 0))
      throw new SamplerRequestError(`request ${id}: maxNewTokens is ${maxNewTokens}; it has to be a positive integer`);
    if (!(temperature >= 0 && temperature <= 100))
      throw new SamplerRequestError(`request ${id}: temperature is ${temperature}; it has to be 0 (greedy) to 100`);
    if (stopStrings.includes(''))
      throw new SamplerRequestError(`request ${id}: a stop string is empty; leave it out or name a text`);
    if (truncation !== undefined) checkTruncation(id, truncation);
    checkTokens(id, 'prompt', promptIds, limits);
    if (turns !== undefined) checkTurns(id, turns, promptIds.length);
    checkLength(id, promptIds.length, maxNewTokens, limits);
  }
  return unitsOf(
    origin,
    requests.map(({ id: _id, promptIds, turns, ...options }, index) => {
      const past = turns && pastOf(promptIds, turns);
      const own = past?.ids.length ?? 0;
      return {
        promptIds: own === 0 ? promptIds : promptIds.slice(0, -own),
        job: { ...options, index, ...(past === undefined || own === 0 ? {} : { past }) },
      };
    }),
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

function pastOf(promptIds: readonly number[], turns: readonly Turn[]): Past {
  const canonical = canonicalTurns(turns);
  const own = canonical.reduce((sum, { written, appended }) => sum + written + appended, 0);
  const prompt = promptIds.slice(0, promptIds.length - own);
  const ids = promptIds.slice(prompt.length);
  const last = canonical[canonical.length - 1] ?? { written: 0, appended: 0 };
  const stopped = [...canonical.slice(0, -1), { written: last.written, appended: 0 }];
  return { ids, turns: canonical, keptKey: keptKeyOf(prompt, ids.slice(0, ids.length - last.appended), stopped) };
}

function unitsOf(origin: UnitOrigin, rows: readonly { promptIds: readonly number[]; job: RowJob }[]): JobUnit[] {
  const { callId, isWatched } = origin;
  const units: JobUnit[] = [];
  const held = rows.map((row) => {
    const holder = row.job.past && origin.holderOf?.(row.job.past.keptKey);
    return { ...row, holder, key: `${holder ?? ''}:${row.promptIds.join(' ')}` };
  });
  for (const alike of groupBy(held, ({ key }) => key).values())
    for (let start = 0; start < alike.length; start += MAX_UNIT_ROWS) {
      const chosen = alike.slice(start, start + MAX_UNIT_ROWS);
      const { promptIds = [], holder } = chosen[0] ?? {};
      const unit = { callId, isWatched, promptIds, rows: chosen.map(({ job }) => job) };
      units.push(holder === undefined ? unit : { ...unit, holder });
    }
  // Long prompts first: neighbours of like length waste little padding, and the end of a call is cheap.
  return units.sort((a, b) => b.promptIds.length - a.promptIds.length);
}

function checkTruncation(id: string, { topK, topP, minP }: Truncation): void {
  const refuse = (what: string, allowed: string): never => {
    throw new SamplerRequestError(`request ${id}: ${what}; ${allowed}`);
  };
  if (topK !== undefined && !(Number.isSafeInteger(topK) && topK > 0))
    refuse(`topK is ${topK}`, 'it has to be a positive integer');
  if (topP !== undefined && !(topP > 0 && topP <= 1)) refuse(`topP is ${topP}`, 'it has to be above 0 and at most 1');
  if (minP !== undefined && !(minP >= 0 && minP < 1)) refuse(`minP is ${minP}`, 'it has to be 0 to below 1');
}

function checkTurns(id: string, turns: readonly Turn[], promptTokens: number): void {
  const counts = turns.flatMap(({ written, appended }) => [written, appended]);
  const own = counts.reduce((sum, count) => sum + count, 0);
  if (!counts.every((count) => Number.isSafeInteger(count) && count >= 0) || own >= promptTokens)
    throw new SamplerRequestError(
      `request ${id}: its turns add up to ${own} of ${promptTokens} prompt tokens; at least one token has to come before them`,
    );
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
