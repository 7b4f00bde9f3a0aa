/**
 * A real vLLM on the CPU behind the sampler: the contract as it was recorded, and a testbed campaign from warm-up to the
 * evaluation of the next checkpoint. Opt-in: WHENCODE_VLLM is the folder that test/bench/served/install-vllm.mjs made.
 */

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { waitForClient } from '../../src/cli/wait-for-client.ts';
import { readEnvironment } from '../../src/config/environment.ts';
import { testbedCampaign } from '../../src/demo/campaigns.ts';
import { followCampaign } from '../../src/demo/follow.ts';
import { logPath } from '../../src/process/paths.ts';
import { freePort } from '../../src/process/port.ts';
import { startServedSampler } from '../../src/sampler/served/own-server.ts';
import { createServedSampler } from '../../src/sampler/served/served-sampler.ts';
import { startStack } from '../../src/workers/stack.ts';
import { withCalls } from '../support/calls.ts';
import { expectClose, ownScores } from '../support/own-scores.ts';
import {
  nextModel,
  readContract,
  runReload,
  runScenario,
  SERVED_NAME,
  servedModel,
  startReplayServer,
} from '../support/served-contract.ts';
import { vllmCommand } from '../support/vllm-command.ts';

const folder = process.env.WHENCODE_VLLM;
if (folder === undefined)
  console.warn('SKIPPED: a real vLLM. WHENCODE_VLLM is not set; see docs/served-models.md for how one is installed');

describe.skipIf(folder === undefined)('a real vLLM', () => {
  it('answers as it was recorded', async () => {
    const home = await mkdtemp(join(tmpdir(), 'served-vllm-'));
    const modelDirectory = await servedModel();
    const replay = await startReplayServer(await readContract('processed'));
    const recorded = await createServedSampler({ url: replay.url, servedName: SERVED_NAME, modelDirectory });
    const real = await startServedSampler({
      command: vllmCommand(folder ?? '', 'processed'),
      modelDirectory,
      servedName: SERVED_NAME,
      port: await freePort(undefined),
      logFile: join(home, 'server.log'),
    });
    const expected = await runScenario(recorded);
    const found = await runScenario(real);
    const tokens = ({ generations }: typeof found) =>
      generations.map(({ id, tokenIds, finish }) => [id, tokenIds, finish]);
    expect(tokens(found)).toEqual(tokens(expected));

    const next = await nextModel(modelDirectory);
    const from = Date.now();
    const [before, after] = await runReload(real, next);
    console.log(`other weights, and scores with both: ${Date.now() - from} ms`);
    expectClose(before, await ownScores(modelDirectory, expected.scoreRequests));
    expectClose(after, await ownScores(next, expected.scoreRequests));
    await Promise.all([real.close(), replay.close()]);
    await rm(home, { recursive: true });
  }, 900_000);

  it('samples a testbed campaign from end to end', async () => {
    const home = await mkdtemp(join(tmpdir(), 'served-campaign-'));
    process.env.WHENCODE_SAMPLER_SERVER = vllmCommand(folder ?? '', 'processed');
    const stack = await startStack({ home, temporal: readEnvironment().temporal });
    try {
      const client = withCalls(await waitForClient(home, 120_000));
      const config = await testbedCampaign('em', 'on-vllm', { iterations: 1, seed: 3, warmStart: 'balanced' });
      await client.startCampaign(config);
      const ended = await followCampaign(client, config.name, () => undefined);
      expect(ended).toMatchObject({ status: 'completed', iterationsDone: 1 });
      const [start, after] = ended.evaluations.map(({ metrics }) => metrics?.accuracy.auto?.value ?? Number.NaN);
      console.log(`auto on a served model: ${start} at the warm start, ${after} after an iteration`);
      for (const { iteration, stages } of ended.iterations)
        console.log(
          `iteration ${iteration}: ${stages.map(({ stage, seconds }) => `${stage} ${seconds} s`).join(', ')}`,
        );
      const { newTokens, rollouts } = ended.iterations[1]?.counts ?? {};
      console.log(`${rollouts} rollouts, ${newTokens} tokens, sampled by ${ended.iterations[1]?.sampledBy}`);
      // The probe has seen ratios of 1, and a step of training in the right direction moves a balanced start by .15 or more.
      expect(after).toBeGreaterThan((start ?? 1) + 0.05);
      // Both checkpoints were sampled by one server.
      const log = await readFile(logPath(home, 'sampler-server'), 'utf8');
      expect(log.match(/Starting vLLM server/g)).toHaveLength(1);
      expect(log.match(/POST \/collective_rpc HTTP\/1.1" 200/g)).toHaveLength(1);
    } catch (error) {
      console.error(
        await readFile(logPath(home, 'sampler-server'), 'utf8').then((text) => text.slice(-20_000), String),
      );
      throw error;
    } finally {
      await stack.stop();
      await rm(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
    }
  }, 3_600_000);
});
