import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createCompletionsClient } from '../../../src/sampler/served/completions-client.ts';
import { reloadable } from '../../../src/sampler/served/own-server.ts';
import { createServedSampler } from '../../../src/sampler/served/served-sampler.ts';
import type { Sampler, ScoreRequest } from '../../../src/sampler/types.ts';
import { expectClose, ownScores } from '../../support/own-scores.ts';
import {
  NEXT_NAME,
  nextModel,
  type ReplayServer,
  readContract,
  runReload,
  SERVED_NAME,
  scoredCases,
  servedModel,
  startReplayServer,
} from '../../support/served-contract.ts';

let modelDirectory: string;
let next: string;
let requests: ScoreRequest[];
beforeAll(async () => {
  modelDirectory = await servedModel();
  next = await nextModel(modelDirectory);
  requests = await scoredCases();
});
afterAll(() => Promise.all([modelDirectory, join(next, '..')].map((folder) => rm(folder, { recursive: true }))));

let servers: ReplayServer[] = [];
afterEach(async () => {
  await Promise.all(servers.map((server) => server.close()));
  servers = [];
});

type Change = NonNullable<Parameters<typeof startReplayServer>[1]>;

/** A sampler on the server that was recorded, and the paths that it was asked for since. */
async function open(
  change: (path: string, body: unknown) => ReturnType<Change> = () => undefined,
  offersSleep = false,
): Promise<{ readonly sampler: Sampler; readonly paths: string[] }> {
  const paths: string[] = [];
  const server = await startReplayServer(await readContract('reload'), ({ path, body }) => {
    paths.push(path);
    return change(path, body);
  });
  servers.push(server);
  const { url } = server;
  const connected = await createServedSampler({ url, servedName: SERVED_NAME, modelDirectory });
  const start = { modelDirectory, servedName: SERVED_NAME, offersSleep };
  const sampler = await reloadable(connected, createCompletionsClient({ url }), start);
  paths.length = 0;
  return { sampler, paths };
}

describe('other weights in a running server, as a real vLLM took them', () => {
  it('say the log-probs of our own engine with the same weights', async () => {
    const { sampler } = await open();
    const [before, after] = await runReload(sampler, next);
    expectClose(before, await ownScores(modelDirectory, requests));
    expectClose(after, await ownScores(next, requests));
    await expect(sampler.score(requests, { checkpoint: SERVED_NAME })).rejects.toMatchObject({
      name: 'SamplerRequestError',
      message: expect.stringContaining(`the server has ${NEXT_NAME}`),
    });
  });

  it('come after the calls that run and before those that wait', async () => {
    const { sampler, paths } = await open();
    await Promise.all([
      sampler.score(requests),
      sampler.swapWeights?.(next, NEXT_NAME),
      sampler.score(requests, { checkpoint: NEXT_NAME }),
    ]);
    const [pause, resume] = [paths.indexOf('/pause?mode=wait'), paths.indexOf('/resume')];
    const completions = paths.flatMap((path, at) => (path === '/v1/completions' ? [at] : []));
    expect(completions.filter((at) => at < pause)).toHaveLength(requests.length);
    expect(completions.filter((at) => at > resume)).toHaveLength(requests.length);
  });

  it('are refused, and the server left alone, where more than weights differs', async () => {
    const { sampler, paths } = await open();
    const other = await mkdtemp(join(tmpdir(), 'other-model-'));
    await cp(next, other, { recursive: true });
    await writeFile(join(other, 'config.json'), '{}');
    await expect(sampler.swapWeights?.(other, NEXT_NAME)).rejects.toThrow(/config\.json of .* differs/);
    expect(paths).toEqual([]);
    expectClose(await sampler.score(requests), await ownScores(modelDirectory, requests));
    await rm(other, { recursive: true });
  });
});

describe('a server of which nobody knows what weights it has', () => {
  it('has the checkpoint neither before nor after, where its weights did not change', async () => {
    const { sampler, paths } = await open((path, body) =>
      path === '/weight_checker' && JSON.stringify(body).includes('compare')
        ? { status: 200, answer: { match: true, mismatches: [] } }
        : undefined,
    );
    await expect(sampler.swapWeights?.(next, NEXT_NAME)).rejects.toMatchObject({
      name: 'SamplerCrashError',
      message: expect.stringContaining('the same weights as before'),
    });
    // It was appended that its weights are no checkpoint's, and nothing since.
    expect(paths.filter((path) => path === '/update_weight_version')).toHaveLength(1);
    await expect(sampler.score(requests, { checkpoint: NEXT_NAME })).rejects.toThrow();
  });

  it('is a crash where somebody else has changed them, before a call or during it', async () => {
    for (const changedAt of [1, 2]) {
      let asked = Number.NEGATIVE_INFINITY;
      const { sampler } = await open((path) => {
        if (path !== '/weight_info') return undefined;
        asked += 1;
        const label = asked >= changedAt ? 'sha256:07e4' : SERVED_NAME;
        return { status: 200, answer: { weight_version: label } };
      });
      asked = 0;
      await expect(sampler.score(requests)).rejects.toMatchObject({
        name: 'SamplerCrashError',
        message: expect.stringContaining('those of "sha256:07e4"'),
      });
    }
  });
});

/** Answers as vLLM documents its sleep mode, beside what was recorded. */
function sleepMode(works = true) {
  let isSleeping = false;
  return (path: string): ReturnType<Change> => {
    if (path === '/is_sleeping') return { status: 200, answer: { is_sleeping: isSleeping } };
    if (path === '/sleep?level=2') isSleeping = works;
    else if (path === '/wake_up?tags=kv_cache') isSleeping = false;
    else if (path === '/v1/completions' && isSleeping) return { status: 400, answer: { error: { message: 'asleep' } } };
    else if (path !== '/wake_up?tags=weights') return undefined;
    return { status: 200, answer: null };
  };
}

describe('a server that sleeps', () => {
  it('sleeps after the calls that run, and wakes with the next weights before those that wait', async () => {
    const { sampler, paths } = await open(sleepMode(), true);
    const before = sampler.score(requests);
    await sampler.sleep?.();
    await before;
    expect(paths.lastIndexOf('/v1/completions')).toBeLessThan(paths.indexOf('/pause?mode=wait'));
    const slept = paths.length;
    const swapped = sampler.swapWeights?.(next, NEXT_NAME);
    const after = sampler.score(requests, { checkpoint: NEXT_NAME });
    await swapped;
    expectClose(await after, await ownScores(next, requests));
    const woken = paths.slice(slept).filter((path) => !['/v1/completions', '/weight_info'].includes(path));
    expect(woken).toEqual([
      '/is_sleeping',
      '/wake_up?tags=weights',
      '/update_weight_version',
      '/weight_checker',
      '/collective_rpc',
      '/weight_checker',
      '/wake_up?tags=kv_cache',
      '/reset_prefix_cache',
      '/update_weight_version',
      '/resume',
    ]);
  });

  it('has no checkpoint until it wakes', async () => {
    const { sampler } = await open(sleepMode(), true);
    await sampler.sleep?.();
    await expect(sampler.score(requests)).rejects.toThrow();
  });

  it('says so where it keeps its memory', async () => {
    const { sampler } = await open(sleepMode(false), true);
    await expect(sampler.sleep?.()).rejects.toThrow(/does not sleep/);
  });

  it('is not one that was started without its option', async () => {
    const { sampler } = await open();
    expect(sampler.sleep).toBeUndefined();
  });
});
