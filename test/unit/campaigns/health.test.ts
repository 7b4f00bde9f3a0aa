import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { type HealthFacts, healthOf } from '../../../src/campaigns/health.ts';
import { FAILURE_TYPES } from '../../../src/protocol/failures.ts';
import { STAGES } from '../../../src/protocol/stages.ts';
import { CAMPAIGN_STATUSES } from '../../../src/protocol/statuses.ts';
import { ALARM_KINDS, type AlarmKind, alarmOf, levelOf, sortAlarms } from '../../../src/scoring/alarm.ts';

type Campaign = HealthFacts['campaign'];

const measure = (value: number) => ({ value, low: value - 0.03, high: value + 0.03, n: 400 });
const latest: Campaign['latest'] = {
  id: 'eval/1',
  checkpoint: 'c',
  suite: 'held-out',
  status: 'completed',
  startedAt: '2026-01-01T00:00:00Z',
  metrics: { accuracy: { auto: measure(0.88) }, oracle: measure(0.9), selectionAccuracy: {} },
};
const campaign = (rest: Partial<Campaign> = {}): Campaign => ({
  id: 'math',
  status: 'running',
  iterationsDone: 2,
  iterationsPlanned: 4,
  alarms: [],
  ...rest,
});
const live = { iteration: 3, stage: 'train', progress: { done: 41, total: 100, unit: 'updates' } } as const;

describe.each<[string, HealthFacts, { level: string; sentence: string; action?: string }]>([
  [
    'running before anything is measured',
    { campaign: campaign({ iterationsDone: 0 }), live: { iteration: 0, stage: 'warm-up' } },
    { level: 'good', sentence: 'Running, nothing is measured yet; the start, warm-up.' },
  ],
  [
    'running well',
    { campaign: campaign({ latest }), live, secondsLeft: 720 },
    {
      level: 'good',
      sentence: 'Healthy: auto 88.0 %, the better arm 90.0 %; iteration 3 of 4, train 41 %, about 12 min left.',
    },
  ],
  [
    'running, and the workflow was not asked',
    { campaign: campaign({ latest }) },
    { level: 'good', sentence: 'Healthy: auto 88.0 %, the better arm 90.0 %; 2 of 4 iterations.' },
  ],
  [
    'running, but a step waits for one of its parts',
    {
      campaign: campaign({ latest }),
      live: { ...live, stage: 'sample', waiting: 'no Docker engine answers on /run/x.' },
    },
    {
      level: 'act',
      sentence: 'Waits in iteration 3, sample: no Docker engine answers on /run/x.',
      action: '`whencode doctor` names what is missing; the step goes on by itself when it is there.',
    },
  ],
  [
    'running, with alarms of two causes',
    {
      campaign: campaign({
        latest,
        alarms: [
          alarmOf('clip-fraction', 2, '36 % of the tokens are clipped'),
          alarmOf('collapsed', 2, 'auto fell from 92 % to 41 %'),
          alarmOf('capability-lost', 2, 'code is 30.0 points below the start'),
        ],
      }),
      live,
    },
    {
      level: 'act',
      sentence: 'Running, but: auto fell from 92 % to 41 % (in iteration 2).',
      action:
        'Unless validation.rollback does it, stop the campaign, and go on from the best iteration N: `whencode campaign fork math/N --name NEW --set KEY=VALUE`.',
    },
  ],
  [
    'blocked without a known failure',
    { campaign: campaign({ status: 'blocked', reason: 'train failed: {"exit":1}' }) },
    {
      level: 'act',
      sentence: 'Blocked: train failed.',
      action: 'Correct the cause, then run what failed again: `whencode iteration retry math`.',
    },
  ],
  [
    'blocked by lost rollouts',
    {
      campaign: campaign({ status: 'blocked', reason: '40 of 128 rollouts were lost' }),
      live: { iteration: 3, stage: 'sample', failure: 'over-budget' },
    },
    {
      level: 'act',
      sentence: 'Blocked in iteration 3, sample: 40 of 128 rollouts were lost.',
      action:
        'Correct the cause (`whencode doctor`) and `whencode iteration retry math`, or go on without the lost rollouts: `whencode iteration accept math`.',
    },
  ],
  [
    'paused',
    { campaign: campaign({ status: 'paused' }), live },
    {
      level: 'watch',
      sentence: 'Paused in iteration 3, train; finished steps are kept.',
      action: 'Continue: `whencode campaign resume math`.',
    },
  ],
  [
    'completed',
    { campaign: campaign({ status: 'completed', iterationsDone: 4, latest }) },
    {
      level: 'good',
      sentence: 'Completed 4 of 4 iterations: auto 88.0 %, the better arm 90.0 %.',
      action: 'Take the model with you: `whencode checkpoint export math FOLDER`.',
    },
  ],
  [
    'stopped',
    { campaign: campaign({ status: 'stopped' }) },
    {
      level: 'watch',
      sentence: 'Stopped after 2 of 4 iterations; finished steps are kept.',
      action: 'Continue: `whencode campaign extend math --iterations 1`.',
    },
  ],
  [
    'without signal',
    { campaign: campaign({ status: 'no-signal', reason: 'none of 128 graded answers is right' }) },
    {
      level: 'act',
      sentence: 'Ended after 2 of 4 iterations: none of 128 graded answers is right.',
      action: 'Read some answers beside their golds: `whencode rollouts show math --limit 3`.',
    },
  ],
  [
    'failed',
    { campaign: campaign({ status: 'failed', reason: 'a person ended it' }) },
    {
      level: 'act',
      sentence: 'Failed after 2 of 4 iterations: a person ended it.',
      action:
        'Correct the cause, then continue from the last finished step: `whencode campaign extend math --iterations 1`.',
    },
  ],
  [
    'lost by Temporal',
    { campaign: campaign({ lost: true }) },
    {
      level: 'act',
      sentence: 'Temporal has lost this campaign after 2 of 4 iterations; its finished steps are in the store.',
      action: 'Continue from them: `whencode campaign recover math`.',
    },
  ],
])('a campaign %s', (_, facts, { level, sentence, action }) => {
  it('says so', () => {
    const health = healthOf(facts);
    expect(health).toMatchObject({ level, sentence });
    expect(health.action).toBe(action);
  });
});

test.each(ALARM_KINDS)('%s alone decides about level and action', (kind) => {
  const alarm = alarmOf(kind, 2, 'something is the case');
  const health = healthOf({ campaign: campaign({ alarms: [alarm] }), live });
  expect(health).toEqual({
    level: levelOf(kind),
    sentence: 'Running, but: something is the case (in iteration 2).',
    action: alarm.action.replaceAll('CAMPAIGN', 'math'),
    others: [],
  });
});

test.each(FAILURE_TYPES)('a campaign blocked by %s has a command to type', (failure) => {
  const { action } = healthOf({
    campaign: campaign({ status: 'blocked', reason: 'why' }),
    live: { iteration: 1, stage: 'train', failure },
  });
  expect(action).toMatch(/`whencode iteration retry math[ `]/);
});

const alarms = fc.array(
  fc.record({ kind: fc.constantFrom(...ALARM_KINDS), iteration: fc.nat(5), message: fc.string({ minLength: 1 }) }),
);

test('every combination of facts gives one sentence, one action where one is due, and each cause once', () => {
  const facts = fc.record({
    campaign: fc.record(
      {
        id: fc.constant('math'),
        status: fc.constantFrom(...CAMPAIGN_STATUSES),
        iterationsDone: fc.nat(9),
        alarms: alarms.map((list) => list.map(({ kind, iteration, message }) => alarmOf(kind, iteration, message))),
        reason: fc.string(),
        lost: fc.constant(true as const),
        iterationsPlanned: fc.nat(9),
        latest: fc.constant(latest),
      },
      { requiredKeys: ['id', 'status', 'iterationsDone', 'alarms'] },
    ),
    live: fc.option(
      fc.record({
        iteration: fc.nat(9),
        stage: fc.constantFrom(...STAGES),
        failure: fc.constantFrom(...FAILURE_TYPES),
        progress: fc.record({ done: fc.nat(), total: fc.nat(), unit: fc.constant('updates') }),
      }),
      { nil: undefined },
    ),
    secondsLeft: fc.option(fc.double({ min: 0, max: 1e7, noNaN: true }), { nil: undefined }),
  });
  fc.assert(
    fc.property(facts, (given) => {
      const health = healthOf(given);
      expect(health.sentence).toMatch(/^[A-Z].*[.]$/s);
      expect(health.sentence).not.toMatch(/undefined|NaN|CAMPAIGN/);
      if (health.level !== 'good') expect(health.action).toMatch(/[.]$/);
      expect(health.action ?? '').not.toContain('CAMPAIGN');
      const kinds = new Set(given.campaign.alarms.map(({ kind }) => kind));
      const shown = sortAlarms(given.campaign.alarms);
      expect(shown.length).toBeLessThanOrEqual(kinds.size);
      const isStopped = health.others.length === shown.length;
      expect(health.others).toHaveLength(isStopped ? shown.length : shown.length - 1);
    }),
  );
});

test('an alarm to act on comes before those to watch, and causes are not repeated', () => {
  const kindsOf = (kinds: readonly AlarmKind[]) =>
    sortAlarms(kinds.map((kind) => alarmOf(kind, 1, kind))).map(({ kind }) => kind);
  expect(
    kindsOf(['clip-fraction', 'auto-below-oracle', 'one-sided-auto', 'polarised-prior', 'importance-ratio']),
  ).toEqual(['polarised-prior', 'importance-ratio']);
  expect(kindsOf(['prefix-mass', 'undecided'])).toEqual(['undecided', 'prefix-mass']);
  fc.assert(
    fc.property(fc.shuffledSubarray([...ALARM_KINDS]), (kinds) => {
      const levels = kindsOf(kinds).map(levelOf);
      expect(levels).toEqual([...levels].sort());
    }),
  );
});

test('a kind that was raised for several arms is one alarm with the messages of the latest iteration', () => {
  const raised = [
    alarmOf('capability-lost', 1, 'cot is 5.0 points below the start'),
    alarmOf('capability-lost', 2, 'cot is 6.0 points below the start'),
    alarmOf('capability-lost', 2, 'code is 9.0 points below the start'),
  ];
  expect(sortAlarms(raised)).toMatchObject([
    { iteration: 2, message: 'cot is 6.0 points below the start; code is 9.0 points below the start' },
  ]);
});
