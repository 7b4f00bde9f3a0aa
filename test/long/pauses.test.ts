/**
 * A campaign on a real stack is paused and resumed at random moments: how soon it says that it is paused, that no step
 * begins from then on, and that its results are those of one that was never paused. Some 4 minutes on two cores.
 */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ClientError } from '../../src/api/client-error.ts';
import { waitForClient } from '../../src/cli/wait-for-client.ts';
import type { CampaignConfig } from '../../src/config/campaign.ts';
import { percentile } from '../../src/demo/chaos/report.ts';
import { readStepLog } from '../../src/process/step-log.ts';
import { withCalls } from '../support/calls.ts';
import { copyWarmStart, type Run, runCampaign, smallCampaign } from '../support/chaos.ts';

const PAUSES = 20;
const LONGEST_WAIT_MS = 2500;
/** A step that was on its way to its worker when the pause came. */
const ON_THE_WAY_MS = 1000;
const STANDS_MS = 2500;

let folder: string;
let config: CampaignConfig;
let undisturbed: Run;
const say = (line: string): void => console.log(`${new Date().toISOString().slice(11, 19)} ${line}`);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pauses-'));
  config = await smallCampaign(folder, 'pauses', { iterations: 3, problems: 32, demonstrations: 1500 });
  undisturbed = await runCampaign({ home: join(folder, 'undisturbed'), config, say });
}, 600_000);
afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 }));

interface Pause {
  /** From the request to the status `paused`. */
  readonly untilPausedMs: number;
  /** Steps that began while it stood. */
  readonly began: readonly string[];
}

async function pauseOften(home: string, pauses: Pause[]): Promise<void> {
  const client = withCalls(await waitForClient(home, 60_000));
  const isOver = async (): Promise<boolean> => {
    const { campaign } = await client.showCampaign(config.name).catch(() => ({ campaign: undefined }));
    return campaign?.status === 'completed';
  };
  while (pauses.length < PAUSES && !(await isOver())) {
    await sleep(Math.random() * LONGEST_WAIT_MS);
    if (await isOver()) return;
    const askedAt = Date.now();
    await client.pauseCampaign(config.name).catch(() => undefined);
    while ((await client.showCampaign(config.name)).campaign.status !== 'paused') {
      if (await isOver()) return;
      await sleep(20);
    }
    const pausedAt = Date.now();
    await sleep(STANDS_MS);
    const steps = (await readStepLog(home)).filter(
      ({ event, at }) => event === 'began' && at > pausedAt + ON_THE_WAY_MS,
    );
    pauses.push({ untilPausedMs: pausedAt - askedAt, began: steps.map(({ stage }) => stage) });
    await client.resumeCampaign(config.name);
  }
}

test('paused at random moments, it stands within seconds and loses nothing', async () => {
  const home = join(folder, 'paused');
  await copyWarmStart(join(folder, 'undisturbed'), home);
  const pauses: Pause[] = [];
  let pausing: Promise<void> = Promise.resolve();
  const onReady = (): void => {
    // The stack goes when the campaign is over.
    pausing = pauseOften(home, pauses).catch((error: unknown) => {
      if (!(error instanceof ClientError && error.code === 'unreachable')) throw error;
    });
  };
  const run = await runCampaign({ home, config, say, onReady });
  await pausing;
  const times = pauses.map(({ untilPausedMs }) => untilPausedMs);
  say(`${times.length} pauses: p50 ${percentile(times, 0.5)} ms, p95 ${percentile(times, 0.95)} ms`);
  expect(times.length).toBeGreaterThanOrEqual(5);
  expect(percentile(times, 0.95) ?? 0).toBeLessThan(10_000);
  expect(pauses.flatMap(({ began }) => began)).toEqual([]);
  expect(run.campaign).toMatchObject({ status: 'completed', iterationsDone: 3 });
  expect(run.audit.complaints).toEqual([]);
  expect(Object.fromEntries(run.results)).toEqual(Object.fromEntries(undisturbed.results));
}, 900_000);
