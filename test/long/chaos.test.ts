/**
 * Ten campaigns with ten kills each, by ten schedules, every part of the stack and the container engine among them; each
 * is compared with the same campaign undisturbed. Prints how soon work went on, by role. Some 20 minutes on two cores.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { CampaignConfig } from '../../src/config/campaign.ts';
import type { Kill } from '../../src/demo/chaos/killer.ts';
import { killTable } from '../../src/demo/chaos/report.ts';
import { KILL_ROLES } from '../../src/demo/chaos/roles.ts';
import { planKills } from '../../src/demo/chaos/schedule.ts';
import { always, type Victim } from '../../src/demo/chaos/victims.ts';
import {
  containersOf,
  copyWarmStart,
  processesOn,
  type Run,
  runCampaign,
  smallCampaign,
  typicalDurations,
} from '../support/chaos.ts';
import { OwnDockerd } from './own-dockerd.ts';

const CAMPAIGNS = 10;
const KILLS = 10;
const TIMES_A_ROLE = 10;

let folder: string;
const engine = new OwnDockerd();
let engineIsBack: Promise<void> = Promise.resolve();
let config: CampaignConfig;
let undisturbed: Run;
const kills: Kill[] = [];
const say = (line: string): void => console.log(`${new Date().toISOString().slice(11, 19)} ${line}`);

const dockerd: Victim = {
  ready: always,
  kill: async () => {
    await engineIsBack;
    await engine.kill();
    engineIsBack = engine.start();
    return 'dockerd';
  },
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chaos-'));
  await engine.start();
  await engine.copyImage();
  vi.stubEnv('DOCKER_HOST', engine.host);
  config = await smallCampaign(folder, 'chaos', { iterations: 2, problems: 16, demonstrations: 3000 });
  undisturbed = await runCampaign({ home: join(folder, 'undisturbed'), config, say });
}, 1_200_000);
afterAll(async () => {
  vi.unstubAllEnvs();
  await engineIsBack;
  await engine.remove();
  await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
}, 300_000);

test.each(Array.from({ length: CAMPAIGNS }, (_, at) => at + 1))(
  'campaign %i completes and has the results of the undisturbed one',
  async (seed) => {
    const home = join(folder, `campaign-${seed}`);
    await copyWarmStart(join(folder, 'undisturbed'), home);
    const run = await runCampaign({
      home,
      config,
      schedule: planKills({ seed, kills: KILLS, roles: KILL_ROLES }),
      victims: { dockerd },
      typicalMs: typicalDurations(undisturbed),
      say,
    });
    kills.push(...run.kills);
    expect(run.campaign).toMatchObject({ status: 'completed', iterationsDone: 2 });
    expect(run.left).toEqual([]);
    expect(run.audit.complaints).toEqual([]);
    expect(Object.fromEntries(run.results)).toEqual(Object.fromEntries(undisturbed.results));
    expect(await processesOn(home)).toEqual([]);
    expect(await containersOf(run)).toEqual([]);
    await rm(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  },
  900_000,
);

test('a training is not given up, however often its trainer or worker is killed', async () => {
  const home = join(folder, 'training');
  await copyWarmStart(join(folder, 'undisturbed'), home);
  const schedule = planKills({ seed: 1, kills: KILLS, roles: ['trainer', 'train'] });
  const run = await runCampaign({ home, config, schedule, victims: {}, typicalMs: typicalDurations(undisturbed), say });
  expect(run.left).toEqual([]);
  expect(run.campaign).toMatchObject({ status: 'completed', iterationsDone: 2 });
  expect(Object.fromEntries(run.results)).toEqual(Object.fromEntries(undisturbed.results));
}, 900_000);

test('each role was hit at least ten times with a task in flight', () => {
  console.log(`time from a kill to the next useful work:\n${killTable(kills)}`);
  for (const role of KILL_ROLES) {
    const hits = kills.filter((kill) => kill.role === role && kill.isInFlight);
    expect(hits.length, role).toBeGreaterThanOrEqual(TIMES_A_ROLE);
  }
});
