import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createServedSampler } from '../../../src/sampler/served/served-sampler.ts';
import type { GenerateRequest, Sampler } from '../../../src/sampler/types.ts';
import {
  type Contract,
  type ReplayServer,
  readContract,
  runScenario,
  SERVED_NAME,
  servedModel,
  startReplayServer,
} from '../../support/served-contract.ts';

type Change = NonNullable<Parameters<typeof startReplayServer>[1]>;
type Exchange = Parameters<Change>[0];

let modelDirectory: string;
let contract: Contract;
beforeAll(async () => {
  modelDirectory = await servedModel();
  contract = await readContract('processed');
  return () => rm(modelDirectory, { recursive: true, force: true });
});

let servers: ReplayServer[] = [];
afterEach(async () => {
  await Promise.all(servers.map((server) => server.close()));
  servers = [];
});

/** A sampler on a server whose answers to completions change from the moment on that it is open. */
async function openThen(
  change: (exchange: Exchange & { readonly completion: number }) => ReturnType<Change>,
  options: Partial<Parameters<typeof createServedSampler>[0]> = {},
): Promise<{ readonly sampler: Sampler; readonly server: ReplayServer }> {
  let isOpen = false;
  let completion = 0;
  const server = await startReplayServer(contract, (exchange) => {
    if (!isOpen || exchange.path !== '/v1/completions') return undefined;
    completion += 1;
    return change({ ...exchange, completion });
  });
  servers.push(server);
  const sampler = await createServedSampler({ url: server.url, servedName: SERVED_NAME, modelDirectory, ...options });
  isOpen = true;
  return { sampler, server };
}

/** Not recorded: what comes of it is up to the change. */
const request: GenerateRequest = {
  id: 'x',
  promptIds: [5, 6],
  seed: 's',
  maxNewTokens: 4,
  temperature: 1,
  stopStrings: [],
};

describe('trouble that passes is waited out, and the results are the same', () => {
  const refused = (status: number) => () => ({ status, answer: { error: 'not now' } });
  it.each<[string, () => ReturnType<Change>, number?]>([
    ['too many requests (429)', refused(429)],
    ['a crash of a request (500)', refused(500)],
    ['an overload (503)', refused(503)],
    ['a connection that breaks off in mid-answer', () => 'broken-off'],
    ['no answer within the limit', () => 'never', 1],
  ])('%s', async (_, trouble, times = 10) => {
    const calm = await openThen(() => undefined);
    const expected = await runScenario(calm.sampler);
    const seen = new Set<string>();
    // Every third request meets it once.
    const { sampler, server } = await openThen(
      ({ completion, body }) => {
        const text = JSON.stringify(body);
        if (completion % 3 !== 1 || seen.has(text) || seen.size === times) return undefined;
        seen.add(text);
        return trouble();
      },
      { answerLimitMs: 4000 },
    );
    expect(await runScenario(sampler)).toEqual(expected);
    expect(seen.size).toBeGreaterThanOrEqual(Math.min(times, 3));
    expect(server.asked.length).toBeGreaterThanOrEqual(calm.server.asked.length + seen.size);
  });
});

describe('trouble that stays', () => {
  it('is a crash after five attempts: nothing is known of the rollouts', async () => {
    const { sampler, server } = await openThen(() => ({ status: 503, answer: { error: 'overloaded' } }));
    const before = server.asked.length;
    await expect(sampler.generate([request])).rejects.toMatchObject({
      name: 'SamplerCrashError',
      message: expect.stringMatching(/answered 503.*overloaded.*attempt 5 of 5/),
    });
    expect(server.asked).toHaveLength(before + 5);
  });

  it('is wrong use where the request is refused, and asked once', async () => {
    const { sampler, server } = await openThen(() => undefined);
    const before = server.asked.length;
    await expect(sampler.generate([request])).rejects.toMatchObject({ name: 'SamplerRequestError' });
    expect(server.asked).toHaveLength(before + 1);
  });

  it('is wrong use where the distribution is to be cut: log-probs would not be those of the whole', async () => {
    const { sampler, server } = await openThen(() => undefined);
    const before = server.asked.length;
    await expect(sampler.generate([{ ...request, truncation: { topK: 5 } }])).rejects.toMatchObject({
      name: 'SamplerRequestError',
    });
    expect(server.asked).toHaveLength(before);
  });

  it.each([401, 403, 404])(
    'is a crash where the server does not have the model or the door is shut (%s)',
    async (n) => {
      const { sampler, server } = await openThen(() => ({ status: n, answer: { error: 'no' } }));
      const before = server.asked.length;
      await expect(sampler.generate([request])).rejects.toMatchObject({ name: 'SamplerCrashError' });
      expect(server.asked).toHaveLength(before + 1);
    },
  );
});

describe('an answer that breaks the contract is a crash, never a rollout', () => {
  const choice = {
    ...{ index: 0, text: 'ab', finish_reason: 'length', stop_reason: null },
    ...{ token_ids: [7, 8], logprobs: { token_logprobs: [-1, -2] }, prompt_token_ids: [5, 6] },
  };
  const answer = { model: SERVED_NAME, choices: [choice] };
  const withChoice = (change: object) => ({ ...answer, choices: [{ ...choice, ...change }] });

  it('is appended from one that keeps it', async () => {
    const { sampler } = await openThen(() => ({ status: 200, answer }));
    expect(await sampler.generate([request])).toEqual([
      { id: 'x', tokenIds: [7, 8], logProbs: [-1, -2], finish: 'length' },
    ]);
  });

  it.each<[string, unknown, RegExp]>([
    ['of other weights', { ...answer, model: 'sha256:07e4' }, /answered for "sha256:07e4"/],
    ['for another prompt', withChoice({ prompt_token_ids: [1, 5, 6] }), /took \[1,5,6\] \(3\) for \[5,6\] \(2\)/],
    ['without token ids', withChoice({ token_ids: null }), /0 token ids came with 2 log-probs/],
    ['with fewer token ids than log-probs', withChoice({ token_ids: [7] }), /1 token ids came with 2 log-probs/],
    ['with ids that are none', withChoice({ token_ids: [7, 8.5] }), /unknown form/],
    ['without a log-prob', withChoice({ logprobs: { token_logprobs: [-1, null] } }), /no log-prob/],
    ['that ended as nobody knows', withChoice({ finish_reason: 'abort' }), /ended as "abort"/],
    ['that stopped at nobody says what', withChoice({ finish_reason: 'stop' }), /stop_reason \("null"\) is neither/],
    ['that stopped at another string', withChoice({ finish_reason: 'stop', stop_reason: 'z' }), /\("z"\) is neither/],
    ['without the sample', { ...answer, choices: [] }, /0 samples came back, 1 were asked for/],
    ['that is none', 'hello', /unknown form/],
  ])('%s', async (_, wrong, message) => {
    const { sampler } = await openThen(() => ({ status: 200, answer: wrong }));
    await expect(sampler.generate([request])).rejects.toMatchObject({
      name: 'SamplerCrashError',
      message: expect.stringMatching(message),
    });
  });

  it('scores are taken for the sent prompt alone', async () => {
    const table = [null, { 6: { logprob: -1 } }, { 7: { logprob: -2 } }];
    const score = { id: 's', promptIds: [5, 6], continuationIds: [7] };
    const scored = (change: object) => ({ status: 200, answer: withChoice({ prompt_logprobs: table, ...change }) });
    const { sampler } = await openThen(({ completion }) =>
      scored(completion === 1 ? { prompt_token_ids: [5, 6, 7] } : { prompt_token_ids: [0, 5, 6, 7] }),
    );
    expect(await sampler.score([score])).toEqual([{ id: 's', logProbs: [-2] }]);
    await expect(sampler.score([score])).rejects.toMatchObject({ name: 'SamplerCrashError' });
  });
});

describe('a cancelled call ends at once', () => {
  const cancelSoon = async (sampler: Sampler, requests: readonly GenerateRequest[]): Promise<number> => {
    const cancel = new AbortController();
    const ended = expect(sampler.generate(requests, { signal: cancel.signal })).rejects.toThrow('enough');
    await sleep(100);
    const from = Date.now();
    cancel.abort(new Error('enough'));
    await ended;
    return Date.now() - from;
  };
  const two = [request, { ...request, id: 'y', seed: 't', promptIds: [6] }];

  it('while the server computes', async () => {
    const { sampler } = await openThen(() => 'never');
    expect(await cancelSoon(sampler, two)).toBeLessThan(3000);
  });

  it('while it waits to ask again', async () => {
    const { sampler } = await openThen(() => ({ status: 503, answer: {} }));
    expect(await cancelSoon(sampler, two)).toBeLessThan(3000);
  });

  it('while it waits behind the requests of another call, which goes on', async () => {
    const { sampler, server } = await openThen(() => 'never', { maxSequences: 1 });
    const other = new AbortController();
    const first = sampler.generate([request], { signal: other.signal });
    const before = server.asked.length;
    while (server.asked.length === before) await sleep(10);
    expect(await cancelSoon(sampler, two)).toBeLessThan(3000);
    expect(server.asked).toHaveLength(before + 1);
    other.abort(new Error('released'));
    await expect(first).rejects.toThrow('released');
  });

  it('when the sampler is closed', async () => {
    const { sampler } = await openThen(() => 'never');
    const waiting = sampler.generate(two);
    const ended = expect(waiting).rejects.toThrow();
    await sampler.close();
    await ended;
  });
});
