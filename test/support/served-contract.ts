/** What a real vLLM answered, recorded by test/bench/served/record-contract.ts, and a server that answers the same again. */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { canonicalJson } from '../../src/formats/canonical-json.ts';
import { readTokenizer } from '../../src/sampler/tokenizer.ts';
import type { GenerateRequest, Generation, Sampler, Score, ScoreRequest } from '../../src/sampler/types.ts';
import { copyWithOtherWeights } from './other-weights.ts';
import { type ModelGolden, readGolden, tinyModels } from './tiny-models.ts';

export interface Exchange {
  readonly path: string;
  readonly body?: unknown;
  readonly status: number;
  readonly answer: unknown;
}

export interface Contract {
  /** e.g. `vLLM 0.32.0` */
  readonly server: string;
  readonly exchanges: readonly Exchange[];
}

/**
 * `processed`: a server as it has to be. `raw`: the same model with vLLM's default log-probs. `reload`: a server that is
 * given other weights and its first ones again.
 */
export type ContractName = 'processed' | 'raw' | 'reload';

export const SERVED_NAME = 'sha256:5e7ed';

export function contractFile(name: ContractName): string {
  return fileURLToPath(new URL(`../fixtures/served/vllm-${name}.json`, import.meta.url));
}

export async function readContract(name: ContractName): Promise<Contract> {
  return JSON.parse(await readFile(contractFile(name), 'utf8')) as Contract;
}

/** The tiny model that was served: random Mistral weights with a byte-level tokenizer beside. */
export async function servedModel(): Promise<string> {
  const models = await tinyModels();
  const folder = await mkdtemp(join(tmpdir(), 'whencode-served-'));
  await cp(join(models, 'tokenizer-byte-level'), folder, { recursive: true });
  await cp(join(models, 'mistral'), folder, { recursive: true });
  // The recorded requests stop at what config.json names: the tokenizer was made for no model, and has an end of its own.
  const file = join(folder, 'tokenizer_config.json');
  const {
    eos_token: _,
    chat_template: __,
    ...rest
  } = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
  await writeFile(file, JSON.stringify(rest));
  for (const name of ['special_tokens_map.json', 'chat_template.jinja']) await rm(join(folder, name), { force: true });
  return folder;
}

/** Everything that the contract was recorded with. */
export interface ScenarioResult {
  readonly generations: readonly Generation[];
  readonly requests: readonly GenerateRequest[];
  readonly scores: readonly Score[];
  readonly scoreRequests: readonly ScoreRequest[];
}

/** Whole characters: a prompt that ends within one makes vLLM 0.32 take the prompt's own text for the sample's. */
const PROMPTS = ['Bob has 4 eggs.', 'print(4+9+2)', 'π and ça va'];

export async function runScenario(sampler: Sampler): Promise<ScenarioResult> {
  const tokenizer = await readTokenizer(join(await tinyModels(), 'tokenizer-byte-level'));
  const sample = (id: string, promptIds: readonly number[], rest: Partial<GenerateRequest>): GenerateRequest => ({
    id,
    promptIds,
    seed: `seed/${id}`,
    maxNewTokens: 24,
    temperature: 1,
    stopStrings: [],
    ...rest,
  });
  const requests = PROMPTS.map((text) => tokenizer.encode(text)).flatMap((promptIds, at) => [
    ...Array.from({ length: 4 }, (_, k) => sample(`${at}/plain/${k}`, promptIds, {})),
    ...Array.from({ length: 4 }, (_, k) =>
      sample(`${at}/hot/${k}`, promptIds, { temperature: 1.6, maxNewTokens: 200 }),
    ),
    ...Array.from({ length: 4 }, (_, k) => sample(`${at}/stop/${k}`, promptIds, { stopStrings: ['e', '\n'] })),
    sample(`${at}/greedy/0`, promptIds, { temperature: 0 }),
    sample(`${at}/greedy/1`, promptIds, { temperature: 0 }),
  ]);
  const scoreRequests = await scoredCases();
  const generations = await sampler.generate(requests);
  return { requests, generations, scoreRequests, scores: await sampler.score(scoreRequests) };
}

/** Folders differ from run to run: their names count. */
export const exchangeKey = (path: string, body: unknown): string =>
  canonicalJson({
    path,
    body: JSON.parse(JSON.stringify(body ?? null), (key, value: unknown) =>
      key === 'weights_path' ? basename(String(value)) : value,
    ) as unknown,
  });

/** Answers by request; what was asked more than once is answered in that order, and then as the last time. */
export function answersOf({ exchanges }: Contract): (path: string, body: unknown) => Exchange | undefined {
  const lists = new Map<string, Exchange[]>();
  for (const exchange of exchanges) {
    const key = exchangeKey(exchange.path, exchange.body);
    lists.set(key, [...(lists.get(key) ?? []), exchange]);
  }
  return (path, body) => {
    const list = lists.get(exchangeKey(path, body));
    return list !== undefined && list.length > 1 ? list.shift() : list?.[0];
  };
}

export async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString('utf8');
  return text === '' ? undefined : (JSON.parse(text) as unknown);
}

export const NEXT_NAME = 'sha256:0e47';

/** A folder of the served model with other weights. */
export async function nextModel(served: string): Promise<string> {
  const folder = join(await mkdtemp(join(tmpdir(), 'whencode-served-')), 'next');
  await copyWithOtherWeights(served, folder);
  return folder;
}

export async function scoredCases(): Promise<ScoreRequest[]> {
  const { cases } = await readGolden<ModelGolden>(join(await tinyModels(), 'mistral'));
  return cases.map(({ promptIds, greedyIds }, at) => ({ id: `${at}`, promptIds, continuationIds: greedyIds }));
}

/** What a server says with its first weights, and with the next ones. */
export async function runReload(sampler: Sampler, next: string): Promise<readonly [Score[], Score[]]> {
  const requests = await scoredCases();
  const before = await sampler.score(requests, { checkpoint: SERVED_NAME });
  await sampler.swapWeights?.(next, NEXT_NAME);
  return [before, await sampler.score(requests, { checkpoint: NEXT_NAME })];
}

export interface ReplayServer {
  readonly url: string;
  /** Completions that were asked for. */
  readonly asked: readonly unknown[];
  /** Largest number of completions under way at once. */
  readonly mostAtOnce: () => number;
  close(): Promise<void>;
}

/**
 * `change` may answer in the contract's place (e.g. an outage), not at all, or break the connection off in mid-answer;
 * undefined = as recorded.
 */
export async function startReplayServer(
  contract: Contract,
  change: (exchange: {
    readonly path: string;
    readonly body: unknown;
    readonly headers: IncomingHttpHeaders;
    readonly count: number;
  }) => { readonly status: number; readonly answer: unknown } | 'never' | 'broken-off' | undefined = () => undefined,
): Promise<ReplayServer> {
  const answerOf = answersOf(contract);
  const asked: unknown[] = [];
  let atOnce = 0;
  let mostAtOnce = 0;
  let count = 0;
  const server = createServer((request, response) => {
    void (async () => {
      const path = request.url ?? '';
      const body = await readBody(request);
      if (path === '/v1/completions') asked.push(body);
      count += 1;
      atOnce += 1;
      mostAtOnce = Math.max(mostAtOnce, atOnce);
      const changed = change({ path, body, headers: request.headers, count });
      if (changed === 'never') return;
      if (changed === 'broken-off') {
        atOnce -= 1;
        response.writeHead(200, { 'content-length': 1000 });
        response.write('{"model":', () => request.socket.resetAndDestroy());
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
      atOnce -= 1;
      const known = changed ?? answerOf(path, body);
      response.writeHead(known?.status ?? 400, { 'content-type': 'application/json' });
      response.end(JSON.stringify(known?.answer ?? { error: { message: 'this request was not recorded' } }));
    })();
  });
  return { url: await listen(server), asked, mostAtOnce: () => mostAtOnce, close: () => close(server) };
}

export async function listen(server: Server, port = 0): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the server has no port');
  return `http://127.0.0.1:${address.port}`;
}

export function close(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
