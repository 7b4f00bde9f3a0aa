/** Replay, what-if, diff and changes of settings as people ask for them: through the API and the command. */

import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CampaignConfig } from '../../../src/config/campaign.ts';
import type { ReplayReport } from '../../../src/protocol/replay-report.ts';
import { findIteration } from '../../../src/replay/find-iteration.ts';
import type { TestClient } from '../../support/calls.ts';
import { readEventsOf } from '../../support/journal.ts';
import { type Control, holdSamplerAfter, startControl } from '../campaigns/recovery/control-over.ts';

const COMMAND = resolve('src/cli/whencode.mjs');

let control: Control;
let client: TestClient;

beforeAll(async () => {
  control = await startControl();
  client = control.client;
  await run('base', {});
});
afterAll(() => control.stop());

function configure(name: string, change: Partial<CampaignConfig>): CampaignConfig {
  return control.stack.configure(name, { iterations: 2, evaluations: [], ...change });
}

async function run(name: string, change: Partial<CampaignConfig>): Promise<void> {
  await client.startCampaign(configure(name, change));
  await control.until(name, ({ campaign }) => campaign.status === 'completed');
}

async function reportOf(id: string): Promise<ReplayReport> {
  for (;;) {
    const state = await client.showReplay(id);
    if (state.status === 'completed') return state.report;
    if (state.status === 'failed') throw new Error(state.reason);
    await sleep(50);
  }
}

const stagesOf = (steps: readonly string[]): string[] => steps.map((step) => step.split(' ')[0] ?? '');

/** The command as a user calls it, in a process of its own. */
function whencode(
  ...args: string[]
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  return new Promise((done) => {
    const env = { ...process.env, WHENCODE_HOME: control.home };
    execFile(process.execPath, [COMMAND, ...args], { env }, (error, stdout, stderr) =>
      done({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : -1, stdout, stderr }),
    );
  });
}

test('a training that failed through its learning rate is replayed from train with another, and the campaign goes on', async () => {
  const { train } = configure('x', {});
  const diverging = { ...train, optimizer: { ...train.optimizer, learningRate: 5 } };
  await client.startCampaign(configure('diverged', { seed: 21, train: diverging }));
  await control.until('diverged', ({ campaign }) => campaign.status === 'blocked');
  const { campaign } = await client.showCampaign('diverged');
  expect(campaign.reason).toMatch(/^iteration 1 failed \(trainer-failed\): the loss is not finite/);

  // Without another setting it is compared: what is stored is identical, and the training fails as it did.
  const asked = await client.replayIteration('diverged', 1, { from: 'curate' });
  if (asked.kind !== 'replay') throw new Error('nothing was asked to change');
  expect(await reportOf(asked.id)).toMatchObject({
    verdict: 'incomplete',
    stages: [
      { stage: 'curate', counts: { identical: 1 } },
      { stage: 'train', counts: { failed: 1 } },
    ],
    steps: [{ stage: 'train', verdict: 'failed', reason: expect.stringMatching(/the loss is not finite/) }],
  });

  const useless = client.replayIteration('diverged', 1, { from: 'train', settings: { 'strategy.alpha': 4 } });
  await expect(useless).rejects.toMatchObject({
    code: 'bad-request',
    message: 'strategy.alpha is read by the curate stage; replay from curate, or leave it out',
  });

  const done = control.computed.length;
  const settings = { 'train.optimizer.learningRate': 1e-4 };
  const corrected = { from: 'train', settings, by: 'ada@lovelace', requestId: 'corrected' } as const;
  expect(await client.replayIteration('diverged', 1, corrected)).toEqual({
    kind: 'retried',
    campaign: 'diverged',
    iteration: 1,
  });
  await control.until('diverged', ({ campaign: { status } }) => status === 'completed');
  // Of iteration 1 nothing but the training; of iteration 2 all.
  const computed = stagesOf(control.computed.slice(done));
  expect(computed.slice(0, 2)).toEqual(['train', 'plan']);
  expect(computed.filter((stage) => stage === 'train')).toHaveLength(2);

  const { settingsChanged } = await client.showCampaign('diverged');
  expect(settingsChanged).toEqual([
    {
      at: expect.any(String),
      by: 'ada@lovelace',
      fromIteration: 1,
      changes: [{ setting: 'train.optimizer.learningRate', from: 5, to: 1e-4 }],
    },
  ]);
  for (const iteration of [1, 2]) {
    const { training } = await findIteration(control.stack.store, 'diverged', iteration);
    const manifest = training === undefined ? undefined : await control.stack.store.readManifest(training);
    expect(manifest?.step.config).toMatchObject({ optimizer: { learningRate: 1e-4 } });
  }
});

test('settings change from the next iteration on, in the journal with who, once however often they are asked for', async () => {
  const open = holdSamplerAfter(control.stack, 0);
  await client.startCampaign(configure('changed', { seed: 22 }));
  await control.until('changed', ({ live }) => live?.stage === 'sample');
  const body = { settings: { alpha: 4, 'train.epochs': 2 }, by: 'ada@lovelace', requestId: 'once' };
  const [first, again] = [await client.changeSettings('changed', body), await client.changeSettings('changed', body)];
  expect(first).toMatchObject({ id: 'changed', fromIteration: 2 });
  expect(again).toEqual(first);
  expect(first.changes).toEqual([
    { setting: 'strategy.alpha', from: 8, to: 4 },
    { setting: 'train.epochs', from: 3, to: 2 },
  ]);
  await expect(client.changeSettings('changed', { settings: { model: '/other' } })).rejects.toMatchObject({
    code: 'bad-request',
    message: expect.stringMatching(/^model is what the campaign is made of and can't change/),
  });
  await expect(client.changeSettings('changed', { settings: { alhpa: 1 } })).rejects.toThrow(/did you mean alpha\?/);
  await expect(client.changeSettings('changed', { settings: { alpha: -1 } })).rejects.toThrow(/strategy\.alpha: /);
  open();
  control.stack.parts.gate = () => Promise.resolve();
  await control.until('changed', ({ campaign }) => campaign.status === 'completed');
  const entries = await readEventsOf(control.stack.store, 'changed', 'settings-changed');
  expect(entries.map(({ details }) => details.by)).toEqual(['ada@lovelace']);
  const diff = await client.diffIterations('changed/1', 'changed/2');
  expect(diff.settings.map(({ setting }) => setting).sort()).toEqual(['strategy.alpha', 'train.epochs']);
  const { campaign } = await client.showCampaign('changed');
  expect(campaign.config).toMatchObject({ strategy: { alpha: 4 }, train: { epochs: 2 } });
});

test('two iterations that part at curation are told apart there, with the setting that did it', async () => {
  const { strategy } = configure('x', {});
  await run('sharper', { strategy: { ...strategy, alpha: 2 } });
  const diff = await client.diffIterations('base/1', 'sharper/1');
  expect(diff).toMatchObject({
    left: 'base/1',
    right: 'sharper/1',
    settings: [{ setting: 'strategy.alpha', from: 8, to: 2 }],
    firstParting: { stage: 'curate', step: '', difference: { output: 'curation', field: 'target[0]' } },
  });
  expect(diff.stages).toEqual([
    { stage: 'start', is: 'same' },
    { stage: 'plan', is: 'same' },
    { stage: 'sample', is: 'same' },
    { stage: 'execute', is: 'same' },
    { stage: 'score', is: 'same' },
    { stage: 'curate', is: 'different' },
    { stage: 'train', is: 'different' },
  ]);
});

test('what-if over the stored iteration says what changes, and changes nothing', async () => {
  const done = control.computed.length;
  const same = await client.whatIf('base', 1, { settings: { alpha: 8 } });
  expect(same.changed).toEqual({ problems: 0, rollouts: 0, grades: 0, estimates: 0, targets: 0, preferredArms: 0 });
  expect(same.after).toEqual(same.before);
  const stored = await findIteration(control.stack.store, 'base', 1);
  const curation = stored.curation === undefined ? undefined : await control.stack.store.readManifest(stored.curation);
  expect(same.before).toEqual({ ...curation?.facts, rollouts: 32 });

  const report = await client.whatIf('base', 1, { settings: { alpha: 4, strategy: 'paper', k: 2 } });
  expect(report.after.rollouts).toBe(16);
  expect(report.changed.problems).toBeGreaterThan(0);
  expect(report.problems).toHaveLength(report.changed.problems);
  expect(report.rollouts).toHaveLength(report.changed.rollouts);
  // No rollout of this model boxes what it has not computed; a grader that wants other things boxed finds nothing else.
  const regraded = await client.whatIf('base', 1, { settings: { 'grader.extraction': 'box-only' } });
  expect(regraded.changed.grades).toBe(0);
  await expect(client.whatIf('base', 1, { settings: { k: 8 } })).rejects.toThrow(/drew 4 an arm/);
  await expect(client.whatIf('base', 1, { settings: { 'train.epochs': 1 } })).rejects.toThrow(/can't be recomputed/);
  expect(control.computed.length).toBe(done);
});

test('the commands say in words what they found, and end with 1 where a replay differs', async () => {
  const [replayed, asked, compared, refused, missing] = await Promise.all([
    whencode('iteration', 'replay', 'base', '1', '--from', 'score'),
    whencode('iteration', 'what-if', 'base/1', '--set', 'alpha=4', '--set', 'k=2'),
    whencode('iteration', 'diff', 'base/1', 'base/2'),
    whencode('iteration', 'replay', 'base', '1', '--from', 'curate', '--set', 'pooledAdvantages=true'),
    whencode('iteration', 'replay', 'base', '9', '--from', 'train'),
  ]);
  expect([replayed, asked, compared].map(({ code, stderr }) => [code, stderr])).toEqual(Array(3).fill([0, '']));
  expect(replayed.stdout).toBe(
    [
      'base/1, done again from score on:',
      '  score    3 identical',
      '  curate   1 identical',
      '  train    1 identical',
      'identical',
      '',
    ].join('\n'),
  );
  expect(asked.stdout).toMatch(/^base\/1 with alpha=4, k=2: \d problems and \d+ rollouts change\n/);
  expect(asked.stdout).toMatch(/rollouts +32 +16/);
  expect(compared.stdout).toMatch(/they first part in start: digest of checkpoint: base\/1 sha256:/);
  expect(refused.code).toBe(1);
  expect(refused.stdout).toMatch(
    /first difference: curate: problem sum-\d, kept\[\d\].* not as it was: config\.pooledAdvantages false → true/,
  );
  expect(missing).toMatchObject({
    code: 1,
    stderr: 'nothing is stored of iteration 9 of campaign "base"; stored are 1, 2\n',
  });
});
