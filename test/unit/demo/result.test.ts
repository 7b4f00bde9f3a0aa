import { describe, expect, it } from 'vitest';
import type { CampaignDetail } from '../../../src/db/views.ts';
import { secondsLeft } from '../../../src/demo/estimate.ts';
import { bar, clock } from '../../../src/demo/progress-line.ts';
import { demoIterations, requireWarmStart } from '../../../src/demo/result.ts';
import { demoTable } from '../../../src/demo/table.ts';

const measure = (value: number) => ({ value, low: value - 0.05, high: value + 0.05, n: 400 });
const metrics = {
  accuracy: { auto: measure(0.4), cot: measure(0.35), code: measure(0.65) },
  codeRate: measure(0.03),
  selectionAccuracy: { greedy: measure(0.3), sampled: measure(0.33) },
  oracle: measure(0.92),
};
const campaign: CampaignDetail = {
  id: 'demo-em',
  status: 'completed',
  alarms: [],
  iterationsDone: 0,
  createdAt: '2026-01-01T00:00:00Z',
  updatedAt: '2026-01-01T00:00:00Z',
  checkpoints: [],
  iterations: [
    {
      iteration: 0,
      status: 'completed',
      shardsDone: 0,
      shardsPlanned: 0,
      shardManifests: [],
      counts: {},
      stages: [
        { stage: 'warm-up', status: 'completed', startedAt: '2026-01-01T00:00:00Z', seconds: 65 },
        { stage: 'evaluate', status: 'completed', startedAt: '2026-01-01T00:02:00Z', seconds: 3 },
      ],
    },
  ],
  evaluations: [
    {
      id: 'e',
      checkpoint: 'c',
      suite: 'held-out',
      status: 'completed',
      iteration: 0,
      startedAt: '2026-01-01T00:02:00Z',
      metrics,
    },
  ],
};

/** The warm start, evaluated after so many seconds. */
function ended(seconds: number, warmUpSeconds = 65): CampaignDetail {
  const [start] = campaign.iterations;
  if (start === undefined) throw new Error('fixture');
  const endedAt = new Date(Date.parse('2026-01-01T00:00:00Z') + seconds * 1000).toISOString();
  const stages = start.stages.map((stage) =>
    stage.stage === 'warm-up' ? { ...stage, seconds: warmUpSeconds } : { ...stage, endedAt },
  );
  return { ...campaign, iterations: [{ ...start, stages }] };
}

const plan = [
  { iterations: 4, problemsPerIteration: 128, evaluations: [{}] },
  { iterations: 16, problemsPerIteration: 32, evaluations: [{ every: 4 }] },
];

describe('the demo', () => {
  it('writes every measure with its interval, and the seconds of each stage', () => {
    expect(demoIterations(campaign, { rollouts: 1024 })).toEqual([
      { iteration: 0, rollouts: 0, ...metrics, seconds: { 'warm-up': 65, evaluate: 3 } },
    ]);
  });

  it('refuses a result that lacks a measure', () => {
    const { codeRate, ...rest } = metrics;
    const [evaluation] = campaign.evaluations;
    if (evaluation === undefined) throw new Error('fixture');
    expect(() =>
      demoIterations({ ...campaign, evaluations: [{ ...evaluation, metrics: rest }] }, { rollouts: 1024 }),
    ).toThrow(/no code rate/);
  });

  it('refuses a warm start whose arms can not do the problems', () => {
    expect(() => requireWarmStart(campaign, 'skewed')).not.toThrow();
    const [evaluation] = campaign.evaluations;
    if (evaluation === undefined) throw new Error('fixture');
    const weak = { ...evaluation, metrics: { ...metrics, oracle: measure(0.8) } };
    const tilted = { ...evaluation, metrics: { ...metrics, priorCode: measure(0.03) } };
    expect(() => requireWarmStart({ ...campaign, evaluations: [tilted] }, 'balanced')).toThrow(/probability 3 %/);
    const { metrics: _, ...unmeasured } = { ...evaluation, status: 'failed' as const, reason: 'no sandbox' };
    expect(() => requireWarmStart({ ...campaign, evaluations: [unmeasured] }, 'skewed')).toThrow(/no sandbox/);
    expect(() => demoIterations({ ...campaign, evaluations: [] }, { rollouts: 1024 })).toThrow(
      /iteration 0 of demo-em was not measured/,
    );
    expect(() => requireWarmStart({ ...campaign, evaluations: [weak] }, 'skewed')).toThrow(
      /80 % of the held-out problems/,
    );
  });

  it('prints em and rl in one table, rl where it has drawn as many rollouts as em', () => {
    const [start] = demoIterations(campaign, { rollouts: 1024 });
    if (start === undefined) throw new Error('fixture');
    const at = (iteration: number, rollouts: number) => ({ ...start, iteration, rollouts, seconds: { train: 10 } });
    const iterations = [start, at(1, 1024)];
    const often = [start, at(1, 256), at(2, 512), at(3, 768), at(4, 1024), at(5, 1280)];
    expect(
      demoTable({ campaign: 'a', iterations, rl: { campaign: 'b', iterations: often }, seconds: { total: 1 } }),
    ).toMatchInlineSnapshot(`
      "    iteration  rollouts      auto       CoT      code    oracle  code rate  selection  time
      ──  ─────────  ────────  ────────  ────────  ────────  ────────  ─────────  ─────────  ────
      em      start         0  .40 ±.05  .35 ±.05  .65 ±.05  .92 ±.05   .03 ±.05   .33 ±.05  68 s
      em          1     1,024  .40 ±.05  .35 ±.05  .65 ±.05  .92 ±.05   .03 ±.05   .33 ±.05  10 s
      ──  ─────────  ────────  ────────  ────────  ────────  ────────  ─────────  ─────────  ────
      rl      start         0  .40 ±.05  .35 ±.05  .65 ±.05  .92 ±.05   .03 ±.05   .33 ±.05  68 s
      rl          5     1,280  .40 ±.05  .35 ±.05  .65 ±.05  .92 ±.05   .03 ±.05   .33 ±.05  50 s"
    `);
  });

  it('estimates the rest by the speed that the machine has shown', () => {
    const startedAtMs = Date.parse('2026-01-01T00:00:00Z');
    const leftAfter = (seconds: number, campaigns: CampaignDetail[]) =>
      secondsLeft(plan, campaigns, { startedAtMs, nowMs: startedAtMs + seconds * 1000 });
    const whole = leftAfter(0, []);
    expect(leftAfter(60, [])).toBeCloseTo(whole - 60);
    // Warm-up and evaluation took half of what was expected: so will the rest, less the second since.
    expect(leftAfter(67.75 + 1, [ended(67.75)])).toBeCloseTo((whole - 135.5) / 2 - 1);
  });

  it('does not take a warm-up from the store for a sign of a fast machine', () => {
    const startedAtMs = Date.parse('2026-01-01T00:00:00Z');
    const fresh = secondsLeft(plan, [], { startedAtMs, nowMs: startedAtMs });
    const stored = secondsLeft(plan, [ended(6, 0.3)], { startedAtMs, nowMs: startedAtMs + 6000 });
    expect(stored).toBeCloseTo(((fresh - 135.5) * 6) / 5.5);
  });

  it('draws clock and bar', () => {
    expect(clock(125)).toBe('2:05');
    expect(bar(1, 2)).toBe(`${'█'.repeat(12)}${'░'.repeat(12)}`);
  });
});
