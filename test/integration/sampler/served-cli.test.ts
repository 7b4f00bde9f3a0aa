import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { CommandFailure, UsageError } from '../../../src/cli/exit.ts';
import { createServedSampler } from '../../../src/sampler/served/served-sampler.ts';
import {
  close,
  listen,
  type ReplayServer,
  readContract,
  runScenario,
  type ScenarioResult,
  servedModel,
  startReplayServer,
} from '../../support/served-contract.ts';
import { parseLines, runCommand, writeLines } from './run-command.ts';

let model: string;
let scratch: string;
let server: ReplayServer;
let recorded: ScenarioResult;
beforeAll(async () => {
  model = await servedModel();
  scratch = await mkdtemp(join(tmpdir(), 'served-cli-'));
  server = await startReplayServer(await readContract('processed'));
  recorded = await runScenario(await createServedSampler({ url: server.url, modelDirectory: model }));
});
afterAll(async () => {
  await server.close();
  await Promise.all([model, scratch].map((folder) => rm(folder, { recursive: true, force: true })));
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

const fileOf = (lines: readonly unknown[]): Promise<string> => writeLines(scratch, lines);

describe('whencode sample and score on a server', () => {
  it('take and print the lines that they do with our own engine', async () => {
    const file = await fileOf([{ id: 'a', prompt: 'Bob has 4 eggs.', n: 4, seed: 'seed/0/plain' }]);
    const options = ['--model', model, '--server', server.url];
    const samples = parseLines(await runCommand('sample', file, ...options, '--max-new-tokens', '24', '--json'));
    const expected = recorded.generations.slice(0, 4).map(({ tokenIds, logProbs, finish }, sample) => ({
      ...{ id: 'a', sample, text: expect.any(String), tokenIds, logProbs, finish },
    }));
    expect(samples).toEqual(expected);
    const pairs = recorded.scoreRequests.map(({ id, promptIds, continuationIds }) => ({
      ...{ id, promptTokens: promptIds, continuationTokens: continuationIds },
    }));
    expect(parseLines(await runCommand('score', await fileOf(pairs), ...options, '--json'))).toEqual(recorded.scores);
  });

  it('show the server a key', async () => {
    vi.stubEnv('WHENCODE_SAMPLER_API_KEY', 'open sesame');
    const guarded = await startReplayServer(await readContract('processed'), ({ headers }) =>
      headers.authorization === 'Bearer open sesame' ? undefined : { status: 401, answer: { error: 'no key' } },
    );
    const pairs = [{ id: '0', promptTokens: [5], continuationTokens: [6] }];
    const call = async () => runCommand('score', await fileOf(pairs), '--model', model, '--server', guarded.url);
    // This pair was not recorded: the key has opened the door, and the request is what is wrong.
    await expect(call()).rejects.toThrow(/not recorded/);
    vi.stubEnv('WHENCODE_SAMPLER_API_KEY', undefined);
    await expect(call()).rejects.toThrow(/answered 401.*no key/);
    await guarded.close();
  });

  it('refuse a server whose log-probs are not those of the policy', async () => {
    const raw = await startReplayServer(await readContract('raw'));
    const call = runCommand('sample', 'x', '--model', model, '--server', raw.url);
    await expect(call).rejects.toThrow(UsageError);
    await expect(call).rejects.toThrow(/--logprobs-mode processed_logprobs/);
    await raw.close();
  });

  it('refuse a server of several models', async () => {
    const { exchanges, ...contract } = await readContract('processed');
    const several = await startReplayServer({ ...contract, exchanges }, ({ path }) =>
      path === '/v1/models' ? { status: 200, answer: { data: [{ id: 'a' }, { id: 'b' }] } } : undefined,
    );
    await expect(runCommand('sample', 'x', '--model', model, '--server', several.url)).rejects.toThrow(
      /has a, b; it has to serve one model/,
    );
    await several.close();
  });

  it('say that nobody answers, without a stack', async () => {
    const mute = createServer();
    mute.on('connection', (socket) => socket.destroy());
    const call = runCommand('sample', 'x', '--model', model, '--server', await listen(mute));
    await expect(call).rejects.toThrow(CommandFailure);
    await expect(call).rejects.toThrow(/\/v1\/models gave no answer/);
    await close(mute);
  });

  it.each([
    ['--compute', 'w8a8'],
    ['--threads', '1'],
    ['--top-k', '5'],
    ['--top-p', '0.9'],
    ['--min-p', '0.1'],
  ])('refuse %s %s, which is for our own engine', async (...option) => {
    const call = runCommand('sample', 'x', '--model', model, '--server', server.url, ...option);
    await expect(call).rejects.toThrow(/cannot be used with option/);
  });

  it('refuse what is no address', async () => {
    await expect(runCommand('sample', 'x', '--model', model, '--server', 'localhost:8000')).rejects.toThrow(
      /such as http:\/\/127\.0\.0\.1:8000/,
    );
  });
});
