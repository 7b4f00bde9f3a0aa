/**
 * One campaign whose parts are killed in the middle of their tasks, compared with the same one undisturbed. `npm run test:long`
 * does ten of it with ten kills each, the container engine among them.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { killTable } from '../../../../src/demo/chaos/report.ts';
import type { KillRole } from '../../../../src/demo/chaos/roles.ts';
import { planKills } from '../../../../src/demo/chaos/schedule.ts';
import { logPath } from '../../../../src/process/paths.ts';
import {
  containersOf,
  copyWarmStart,
  processesOn,
  type Run,
  runCampaign,
  smallCampaign,
  typicalDurations,
} from '../../../support/chaos.ts';

const KILLS = 6;
const ROLES: readonly KillRole[] = ['sample', 'sandbox', 'trainer', 'control', 'container', 'temporal'];

let folder: string;
let undisturbed: Run;
let disturbed: Run;
const notes: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kills-'));
  const config = await smallCampaign(folder, 'kills', { iterations: 1, problems: 16, demonstrations: 1500 });
  const [left, right] = [join(folder, 'undisturbed'), join(folder, 'disturbed')];
  const say = (line: string): void => void notes.push(line);
  undisturbed = await runCampaign({ home: left, config, say });
  await copyWarmStart(left, right);
  disturbed = await runCampaign({
    home: right,
    config,
    schedule: planKills({ seed: 4, kills: KILLS, roles: ROLES }),
    typicalMs: typicalDurations(undisturbed),
    say,
  });
}, 1_200_000);
afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 }));

test('the campaign completes, each of its parts killed in the middle of a task', () => {
  expect(undisturbed.campaign).toMatchObject({ status: 'completed', iterationsDone: 1 });
  expect(disturbed.campaign, notes.join('\n')).toMatchObject({ status: 'completed', iterationsDone: 1 });
  expect(disturbed.left, notes.join('\n')).toEqual([]);
  const hit = disturbed.kills.filter(({ isInFlight }) => isInFlight).map(({ role }) => role);
  expect(hit.sort()).toEqual([...ROLES].sort());
});

test('every step has one manifest, and none is computed once it is committed', () => {
  expect(disturbed.audit.complaints).toEqual([]);
  expect(disturbed.audit.steps).toBe(undisturbed.audit.steps);
  // The kills cost what they cut off, and nothing else.
  expect(disturbed.audit.interrupted).toBeGreaterThan(0);
  expect(undisturbed.audit.interrupted).toBe(0);
});

test('its rollouts, grades, curation, checkpoint and evaluations are to the byte those of the undisturbed one', () => {
  expect(undisturbed.audit.steps).toBeGreaterThan(20);
  expect(Object.fromEntries(disturbed.results)).toEqual(Object.fromEntries(undisturbed.results));
});

test('a new process takes over what the killed one had in hand', async () => {
  const logs = ['sample', 'sandbox', 'control'].map((role) => logPath(join(folder, 'disturbed'), role));
  const texts = await Promise.all(logs.map((path) => readFile(path, 'utf8')));
  // Not each of them: where a start takes as long as the heartbeat's limit, the server has taken the task back itself.
  expect(texts.join('')).toMatch(/took over [1-9]\d* tasks of a process that had died/);
});

test('work goes on within seconds, and neither process nor container is left', async () => {
  for (const { role, resumedMs } of disturbed.kills) {
    // A heartbeat that fails to come would be noticed after 10 to 20 s, a step that fails after its own delays.
    expect(resumedMs ?? 0, `${role}\n${killTable(disturbed.kills)}`).toBeLessThan(60_000);
  }
  expect(await processesOn(folder)).toEqual([]);
  expect(await containersOf(disturbed)).toEqual([]);
});
