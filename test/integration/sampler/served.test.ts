import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../../src/process/port.ts';
import { createOnnxSampler } from '../../../src/sampler/onnx-sampler.ts';
import { startServedSampler } from '../../../src/sampler/served/own-server.ts';
import { createServedSampler } from '../../../src/sampler/served/served-sampler.ts';
import { readTokenizer } from '../../../src/sampler/tokenizer.ts';
import {
  contractFile,
  type ReplayServer,
  readContract,
  runScenario,
  type ScenarioResult,
  SERVED_NAME,
  servedModel,
  startReplayServer,
} from '../../support/served-contract.ts';

let modelDirectory: string;
const servers: ReplayServer[] = [];
beforeAll(async () => {
  modelDirectory = await servedModel();
});
afterAll(async () => {
  await Promise.all(servers.map((server) => server.close()));
  await rm(modelDirectory, { recursive: true, force: true });
});

async function replay(
  ...[name, change]: [Parameters<typeof readContract>[0], Parameters<typeof startReplayServer>[1]?]
) {
  const server = await startReplayServer(await readContract(name), change);
  servers.push(server);
  return server;
}
const open = ({ url }: ReplayServer, servedName = SERVED_NAME) =>
  createServedSampler({ url, servedName, modelDirectory, maxSequences: 3 });

describe('a served model, by the contract that a real vLLM was recorded with', () => {
  let server: ReplayServer;
  let result: ScenarioResult;
  beforeAll(async () => {
    server = await replay('processed');
    result = await runScenario(await open(server));
  });

  it('says the same log-probs as our own engine, at every temperature', async () => {
    const own = await createOnnxSampler({ modelDirectory, threads: 1 });
    const scores = await own.score(result.scoreRequests);
    for (const [at, { logProbs }] of result.scores.entries())
      for (const [position, value] of logProbs.entries())
        expect(Math.abs(value - (scores[at]?.logProbs[position] ?? Number.NaN))).toBeLessThan(1e-3);
    const plain = result.requests.filter(({ temperature }) => temperature === 1);
    const byId = new Map(result.generations.map((generation) => [generation.id, generation]));
    const ownScores = await own.score(
      plain.map(({ id, promptIds }) => ({ id, promptIds, continuationIds: byId.get(id)?.tokenIds ?? [] })),
    );
    await own.close();
    let compared = 0;
    for (const { id, logProbs } of ownScores)
      for (const [position, value] of logProbs.entries()) {
        expect(Math.abs(value - (byId.get(id)?.logProbs[position] ?? Number.NaN))).toBeLessThan(1e-3);
        compared += 1;
      }
    expect(compared).toBeGreaterThan(100);
  });

  it('writes the same greedy text as our own engine', async () => {
    const own = await createOnnxSampler({ modelDirectory, threads: 1 });
    const greedy = result.requests.filter(({ temperature }) => temperature === 0);
    const expected = await own.generate(greedy);
    await own.close();
    const byId = new Map(result.generations.map((generation) => [generation.id, generation]));
    expect(greedy.map(({ id }) => byId.get(id)?.tokenIds)).toEqual(expected.map(({ tokenIds }) => tokenIds));
  });

  it('ends a sample at the end of the sequence, at a stop string that it keeps, or at the length', async () => {
    const tokenizer = await readTokenizer(modelDirectory);
    const finishes = new Set(result.generations.map(({ finish }) => finish));
    expect([...finishes].sort()).toEqual(['eos', 'length', 'stop']);
    const requestOf = new Map(result.requests.map((request) => [request.id, request]));
    for (const { id, tokenIds, logProbs, finish } of result.generations) {
      expect(logProbs).toHaveLength(tokenIds.length);
      const { maxNewTokens, stopStrings } = requestOf.get(id) ?? { maxNewTokens: 0, stopStrings: [] };
      if (finish === 'length') expect(tokenIds).toHaveLength(maxNewTokens);
      if (finish === 'eos') expect(tokenizer.eosTokenIds).toContain(tokenIds.at(-1));
      if (finish !== 'stop') continue;
      const contains = (ids: readonly number[]) => stopStrings.some((stop) => tokenizer.decode(ids).includes(stop));
      expect(contains(tokenIds)).toBe(true);
      expect(contains(tokenIds.slice(0, -1))).toBe(false);
    }
  });

  it('draws the samples of a prompt by one request, greedy ones apart, with the distribution left alone', () => {
    const drawn = server.asked.filter((body) => JSON.stringify(body).includes('"stop":["e"'));
    expect(drawn).toHaveLength(3);
    expect(drawn[0]).toMatchObject({ n: 4, top_p: 1, top_k: 0, min_p: 0, repetition_penalty: 1 });
  });

  it('asks at most so many at a time', () => {
    expect(server.mostAtOnce()).toBeLessThanOrEqual(3);
  });
});

describe('a server that rollouts can not be taken from is refused', () => {
  it('raw log-probs', async () => {
    await expect(open(await replay('raw'))).rejects.toThrow(/--logprobs-mode processed_logprobs/);
  });

  it('another checkpoint than asked for', async () => {
    await expect(open(await replay('processed'), 'sha256:07e4')).rejects.toThrow(/has sha256:5e7ed.*sha256:07e4/);
  });

  it('no token ids', async () => {
    const { exchanges } = await readContract('processed');
    const [first] = exchanges.filter(({ path }) => path === '/v1/completions');
    const answer = JSON.parse(JSON.stringify(first?.answer), (key, value: unknown) =>
      key === 'token_ids' ? undefined : value,
    ) as unknown;
    const server = await replay('processed', ({ path }) =>
      path === '/v1/completions' ? { status: 200, answer } : undefined,
    );
    await expect(open(server)).rejects.toThrow(/return_token_ids/);
  });

  it('no log-probs of prompts', async () => {
    const { exchanges, ...contract } = await readContract('processed');
    const without = exchanges.map(({ answer, ...exchange }) => ({
      ...exchange,
      answer: JSON.parse(JSON.stringify(answer), (key, value: unknown) =>
        key === 'prompt_logprobs' ? undefined : value,
      ) as unknown,
    }));
    const server = await startReplayServer({ ...contract, exchanges: without });
    servers.push(server);
    await expect(open(server)).rejects.toMatchObject({
      name: 'SamplerRequestError',
      message: expect.stringContaining('`prompt_logprobs`'),
    });
  });
});

describe('a server of our own', () => {
  const command = `${process.execPath} ${fileURLToPath(new URL('./replay-process.mjs', import.meta.url))} {port} ${contractFile('processed')} {model} {name}`;
  const start = async (program: string) => {
    const folder = await mkdtemp(join(tmpdir(), 'whencode-server-'));
    return {
      folder,
      options: {
        command: program,
        modelDirectory,
        servedName: SERVED_NAME,
        port: await freePort(undefined),
        logFile: join(folder, 'server.log'),
      },
    };
  };

  it('is started on the checkpoint, and gone with all its processes after', async () => {
    const { folder, options } = await start(`sleep 1000 & echo $! > "$PIDFILE"; exec ${command}`);
    const pidFile = join(folder, 'pid');
    const sampler = await startServedSampler({ ...options, command: options.command.replace('"$PIDFILE"', pidFile) });
    expect((await runScenario(sampler)).generations).toHaveLength(42);
    // It has nothing to take other weights by.
    expect(sampler.swapWeights).toBeUndefined();
    expect(await readFile(options.logFile, 'utf8')).toContain(`${modelDirectory} as ${SERVED_NAME}`);
    const pid = Number(await readFile(pidFile, 'utf8'));
    expect(await isAlive(pid)).toBe(true);
    await sampler.close();
    await expect.poll(() => isAlive(pid), { timeout: 60_000 }).toBe(false);
    await rm(folder, { recursive: true });
  });

  it('that does not come up says what it printed', async () => {
    const { folder, options } = await start('echo no such device; exit 3');
    await expect(startServedSampler(options)).rejects.toThrow(/ended before it was ready[\s\S]*no such device/);
    await writeFile(options.logFile, '');
    const slow = { ...options, command: 'exec sleep 1000', startLimitMs: 300 };
    await expect(startServedSampler(slow)).rejects.toThrow(/was not ready within 0 s/);
    await rm(folder, { recursive: true });
  });

  it('has a key of its own, and no secret of its command is to be seen in arguments or by other users', async () => {
    const { folder, options } = await start(`echo $VLLM_API_KEY > "$KEYFILE"; HF_TOKEN=sk-LIVE-SECRET-1; ${command}`);
    const keyFile = join(folder, 'key');
    await writeFile(options.logFile, '', { mode: 0o644 });
    const open = () => startServedSampler({ ...options, command: options.command.replace('"$KEYFILE"', keyFile) });
    const keys: string[] = [];
    for (const _ of [1, 2]) {
      const sampler = await open();
      const key = (await readFile(keyFile, 'utf8')).trim();
      expect(key).toMatch(/^[0-9a-f]{64}$/);
      keys.push(key);
      const shown = (await readArguments()).filter(
        (text) => text.includes(options.logFile) || text.includes(modelDirectory),
      );
      expect(shown.length).toBeGreaterThan(0);
      for (const text of await readArguments()) expect(text).not.toMatch(new RegExp(`sk-LIVE-SECRET-1|${key}`));
      const models = `http://127.0.0.1:${options.port}/v1/models`;
      expect((await fetch(models)).status).toBe(401);
      expect((await fetch(models, { headers: { authorization: `Bearer ${key}` } })).status).toBe(200);
      await sampler.close();
    }
    expect(keys[0]).not.toBe(keys[1]);
    expect((await stat(options.logFile)).mode & 0o777).toBe(0o600);
    await rm(folder, { recursive: true });
  });

  it('that fails is reported by the template of its command, without secrets', async () => {
    const program = `HF_TOKEN=sk-LIVE-SECRET-1; echo "serve $0 --api-key sk-LIVE-SECRET-2 [$HF_TOKEN] [$VLLM_API_KEY] [{key}]"; exit 3; serve {model} --api-key 'sk-LIVE-SECRET-2' --name {name}`;
    const { folder, options } = await start(program);
    const failure = await startServedSampler(options).catch((error: unknown) => String(error));
    expect(failure).toContain('serve {model}');
    expect(failure).toContain('[***] [***] [***]');
    expect(failure).not.toMatch(/sk-LIVE|[0-9a-f]{64}/);
    expect(failure).not.toContain(modelDirectory);
    await rm(folder, { recursive: true });
  });

  it('that asks for another key is refused with what to write', async () => {
    const { folder, options } = await start(`VLLM_API_KEY=another-key ${command}`);
    await expect(startServedSampler(options)).rejects.toThrow(/asks for another API key; .*\{key\}/);
    await rm(folder, { recursive: true });
    const placed = await start(`unset VLLM_API_KEY; VLLM_API_KEY={key} ${command}`);
    await (await startServedSampler(placed.options)).close();
    await rm(placed.folder, { recursive: true });
  });
});

/** Arguments of all processes, which every user of the machine may read. */
async function readArguments(): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const texts = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
  return texts.map((text) => text.replaceAll('\0', ' '));
}

/** A process that is dead but not yet waited for is gone too. */
async function isAlive(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ') Z');
  return !status.slice(status.lastIndexOf(')')).startsWith(') Z');
}
