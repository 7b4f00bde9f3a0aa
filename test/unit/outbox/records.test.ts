import { describe, expect, it } from 'vitest';
import type { CampaignDetail } from '../../../src/db/views.ts';
import { partsAfter, recordsOf, type StoredFigures } from '../../../src/outbox/records.ts';

const START_MS = Date.UTC(2026, 0, 1);
const at = (second: number) => new Date(START_MS + second * 1000).toISOString();
const measure = (value: number) => ({ value, low: value, high: value, n: 10 });

const done = (stage: 'train' | 'evaluate', second: number) =>
  ({ stage, status: 'completed', startedAt: at(0), endedAt: at(second) }) as const;

type Iteration = CampaignDetail['iterations'][number];
/** An iteration after the start. */
const iteration = (number: number, stages: Iteration['stages'], status: Iteration['status']): Iteration => ({
  ...start(number, stages),
  status,
  from: 'c',
});
const start = (number: number, stages: Iteration['stages']): Iteration => ({
  iteration: number,
  status: 'completed',
  stages,
  shardsDone: 0,
  shardsPlanned: 0,
  shardManifests: [],
  counts: {},
});

const evaluation = (number: number, auto: number) =>
  ({
    id: `eval/${number}`,
    checkpoint: 'c',
    suite: 'held-out',
    status: 'completed',
    iteration: number,
    metrics: { accuracy: { auto: measure(auto) }, selectionAccuracy: {} },
    startedAt: at(0),
  }) as const;

const updates = (number: number, count: number) => ({
  iteration: number,
  updates: Array.from({ length: count }, (_, index) => ({
    update: index + 1,
    epoch: 1,
    tokens: 100,
    decisions: 4,
    metrics: { loss: 1 / (index + 1) },
  })),
});

interface Stored extends StoredFigures {
  readonly campaign: Pick<CampaignDetail, 'iterations' | 'evaluations'>;
}

/** `upTo` iterations are done; the next one trains. */
function stored(upTo: number): Stored {
  const numbers = Array.from({ length: upTo }, (_, index) => index + 1);
  return {
    campaign: {
      iterations: [
        start(0, [done('evaluate', 5)]),
        ...numbers.map((n) => iteration(n, [done('train', 10 * n), done('evaluate', 10 * n + 5)], 'completed')),
        iteration(upTo + 1, [{ stage: 'train', status: 'running', startedAt: at(99) }], 'running'),
      ],
      evaluations: [0, ...numbers].map((n) => evaluation(n, 0.5 + n / 10)),
    },
    updates: numbers.map((n) => updates(n, 3)),
    accuracy: numbers.map((n) => ({ iteration: n, arms: { code: measure(0.25) } })),
  };
}

describe('what a tracker gets', () => {
  it('is every update, the rollouts and the evaluations, over the updates of the campaign', () => {
    const { records, step } = recordsOf(stored(2), partsAfter(stored(2).campaign, undefined), 0);
    expect(step).toBe(6);
    expect(records.map(({ step, metrics }) => [step, ...Object.keys(metrics).slice(1)])).toEqual([
      [0, 'eval/held-out/accuracy/auto'],
      [1, 'train/epoch', 'train/tokens', 'train/loss'],
      [2, 'train/epoch', 'train/tokens', 'train/loss'],
      [3, 'train/epoch', 'train/tokens', 'train/loss'],
      [3, 'rollouts/accuracy/code'],
      [3, 'eval/held-out/accuracy/auto'],
      [4, 'train/epoch', 'train/tokens', 'train/loss'],
      [5, 'train/epoch', 'train/tokens', 'train/loss'],
      [6, 'train/epoch', 'train/tokens', 'train/loss'],
      [6, 'rollouts/accuracy/code'],
      [6, 'eval/held-out/accuracy/auto'],
    ]);
    expect(records[4]).toEqual({
      step: 3,
      time: START_MS / 1000 + 10,
      metrics: { iteration: 1, 'rollouts/accuracy/code': 0.25 },
    });
  });

  const positionsOf = (iterations: readonly Iteration[], after?: { iteration: number; part: 'train' | 'evaluate' }) =>
    partsAfter({ iterations }, after).map(({ position }) => `${position.iteration} ${position.part}`);

  it('ends where a training or its evaluations are under way, and goes on from there', () => {
    expect(positionsOf(stored(1).campaign.iterations)).toEqual(['0 train', '0 evaluate', '1 train', '1 evaluate']);
    const rest = positionsOf(stored(2).campaign.iterations, { iteration: 1, part: 'train' });
    expect(rest).toEqual(['1 evaluate', '2 train', '2 evaluate']);
  });

  it('goes on from the number of updates so far, without the series of trainings that were sent', () => {
    const [all, { updates, ...rest }] = [stored(2), stored(2)];
    const parts = partsAfter(all.campaign, { iteration: 1, part: 'evaluate' });
    const later = recordsOf({ ...rest, updates: updates.filter(({ iteration }) => iteration > 1) }, parts, 3);
    expect(later.records).toEqual(recordsOf(all, partsAfter(all.campaign, undefined), 0).records.slice(6));
    expect(later.step).toBe(6);
  });

  it('waits for the evaluations of an iteration that is recorded as completed before they run', () => {
    const running = { stage: 'evaluate', status: 'running', startedAt: at(11) } as const;
    const before = [start(0, [done('evaluate', 5)])];
    expect(positionsOf([...before, iteration(1, [done('train', 10)], 'completed')]).at(-1)).toBe('1 train');
    expect(positionsOf([...before, iteration(1, [done('train', 10), running], 'completed')]).at(-1)).toBe('1 train');
    const evaluated = iteration(1, [done('train', 10), done('evaluate', 15)], 'completed');
    expect(positionsOf([...before, evaluated]).at(-1)).toBe('1 evaluate');
  });

  it('waits for a training and for evaluations that failed, since they may run again', () => {
    const failed = (stage: 'train' | 'evaluate') =>
      ({ stage, status: 'failed', startedAt: at(0), endedAt: at(9) }) as const;
    const before = [start(0, [done('evaluate', 5)])];
    expect(positionsOf([...before, iteration(1, [failed('train')], 'failed')]).at(-1)).toBe('0 evaluate');
    const unmeasured = iteration(1, [done('train', 8), failed('evaluate')], 'completed');
    expect(positionsOf([...before, unmeasured]).at(-1)).toBe('1 train');
  });

  it('waits for no training of a start, also of a fork, and for that of a first iteration without one', () => {
    expect(positionsOf([start(3, [done('evaluate', 5)]), iteration(4, [], 'running')])).toEqual([
      '3 train',
      '3 evaluate',
    ]);
    expect(positionsOf([iteration(1, [], 'running')])).toEqual([]);
  });

  it('does not wait for evaluations that never came', () => {
    const without = stored(2).campaign.iterations.map((item) =>
      item.iteration === 1 ? { ...item, stages: item.stages.filter(({ stage }) => stage !== 'evaluate') } : item,
    );
    expect(positionsOf(without).at(-1)).toBe('2 evaluate');
  });

  it('has no record with a figure that is no number', () => {
    const figures = stored(1);
    const broken = [
      { iteration: 1, updates: [{ update: 1, epoch: 1, tokens: 1, decisions: 0, metrics: { loss: Number.NaN } }] },
    ];
    const { records } = recordsOf({ ...figures, updates: broken }, partsAfter(figures.campaign, undefined), 0);
    expect(records.every(({ metrics }) => Object.values(metrics).every(Number.isFinite))).toBe(true);
  });
});
