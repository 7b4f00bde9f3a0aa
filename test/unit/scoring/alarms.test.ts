import { describe, expect, test } from 'vitest';
import { createRandom, type Random } from '../../../src/formats/random.ts';
import { lossesOf } from '../../../src/protocol/counts.ts';
import type { EvaluationMetrics, Measure } from '../../../src/protocol/evaluation-metrics.ts';
import type { AlarmKind } from '../../../src/scoring/alarm.ts';
import { evaluationAlarms, type IterationCounts, iterationAlarms } from '../../../src/scoring/alarms.ts';
import { collapseAlarm } from '../../../src/scoring/collapse-alarm.ts';
import { measureMean } from '../../../src/scoring/measure.ts';
import { retentionAlarm } from '../../../src/scoring/retention-alarm.ts';

const quiet: IterationCounts = {
  iteration: 3,
  sampled: {
    'completed.cot': 500,
    'truncated.cot': 12,
    'completed.code': 490,
    'violation.code': 20,
    'failed.code.sandbox': 2,
    'infrastructure.code': 2,
  },
  curated: { targets: 100, targetsAgainstEstimate: 5 },
  trained: { ratio_mean: 1.05, clip_frac: 0.2 },
};
const kinds = (counts: Partial<IterationCounts>) => iterationAlarms({ ...quiet, ...counts }).map(({ kind }) => kind);

describe('an iteration', () => {
  test('within its limits raises nothing', () => {
    expect(iterationAlarms(quiet)).toEqual([]);
    expect(iterationAlarms({ iteration: 1, sampled: {}, curated: {}, trained: {} })).toEqual([]);
  });

  test('names arm, share and causes of what was lost to infrastructure', () => {
    const sampled = {
      'completed.code': 460,
      'infrastructure.code': 40,
      'failed.code.sandbox': 40,
      'failed.code.grader': 10,
    };
    expect(iterationAlarms({ ...quiet, sampled })).toMatchObject([
      {
        kind: 'infrastructure',
        iteration: 3,
        message: '10 % of the code rollouts were lost to infrastructure (sandbox 40, grader 10)',
      },
    ]);
    expect(lossesOf(sampled, 'code')).toEqual({ sandbox: 40, grader: 10 });
    expect(lossesOf(sampled, 'cot')).toEqual({});
  });

  test.each([
    ['arm-violations', { sampled: { 'completed.cot': 900, 'violation.cot': 100 } }],
    ['undecided', { sampled: { 'completed.code': 1000, 'undecided.code': 90 } }],
    ['targets-against-estimate', { curated: { targets: 100, targetsAgainstEstimate: 20 } }],
    ['importance-ratio', { trained: { ratio_mean: 0.7 } }],
    ['clip-fraction', { trained: { clip_frac: 0.31 } }],
    ['prefix-mass', { curated: { problems: 100, ties: 30, priorsWithoutMass: 70 } }],
    ['sampler-mismatch', { sampled: { shard_deviation: 0.03, probe_tolerance: 0.02 } }],
  ] as const)('raises %s alone', (kind, counts) => {
    expect(kinds(counts)).toEqual([kind]);
  });

  test('does not take a share of few rollouts for one of all', () => {
    expect(kinds({ sampled: { 'completed.code': 15, 'violation.code': 1 } })).toEqual([]);
    expect(kinds({ sampled: { 'completed.code': 60, 'undecided.code': 4 } })).toEqual([]);
    expect(kinds({ sampled: { 'completed.code': 31, 'infrastructure.code': 1 } })).toEqual([]);
    const mismatch = { probe_deviation: 0.03, shard_deviation: 0.03, probe_tolerance: 0.02 };
    expect(kinds({ sampled: mismatch, trained: mismatch })).toEqual(['sampler-mismatch']);
    expect(kinds({ sampled: { shard_deviation: 0.019, probe_tolerance: 0.02 } })).toEqual([]);
    const corrected = { ...mismatch, probe_corrected: 1 };
    expect(kinds({ sampled: corrected, trained: corrected })).toEqual([]);
    expect(kinds({ curated: { targets: 10, targetsAgainstEstimate: 1 } })).toEqual([]);
    // A method that forces no arm has no use for the prefixes.
    expect(kinds({ curated: { problems: 100, priorsWithoutMass: 100 } })).toEqual([]);
  });
});

/** As many of n as come nearest to the share. */
const of = (value: number, n = 400) =>
  measureMean(Array.from({ length: n }, (_, index) => (index < Math.round(value * n) ? 1 : 0)));

type Shares = Partial<Record<'auto' | 'cot' | 'code' | 'oracle' | 'prior' | 'rate' | 'selection', number>>;

function metrics(values: Shares, measure: (value: number) => Measure | undefined = of) {
  const { auto = 0.9, cot = 0.36, code = 0.65, oracle = 0.92, prior = 0.6, rate = 0.6, selection = 0.98 } = values;
  const found = {
    accuracy: { auto: measure(auto), cot: measure(cot), code: measure(code) },
    selectionAccuracy: { sampled: of(selection) },
    oracle: measure(oracle),
    priorCode: of(prior, 4000),
    codeRate: measure(rate),
  };
  return found as EvaluationMetrics;
}
const evaluated = (...all: Shares[]) =>
  evaluationAlarms(all.map((values, iteration) => ({ iteration, metrics: metrics(values) })));
const kindsAfter = (...all: Shares[]) => evaluated(...all).map(({ kind }) => kind);

describe('an evaluation', () => {
  test('of a model that decides well raises nothing, nor does none at all', () => {
    expect(kindsAfter({ auto: 0.4, selection: 0.3 }, {}, {}, {})).toEqual([]);
    expect(evaluationAlarms([])).toEqual([]);
  });

  const skewed = { prior: 0.03, selection: 0.36, rate: 0.01, auto: 0.3 };

  test('of a skewed start raises nothing, nor while the decision moves', () => {
    expect(kindsAfter(skewed)).toEqual([]);
    expect(kindsAfter(skewed, { ...skewed, prior: 0.04 }, { ...skewed, prior: 0.06 })).toEqual([]);
    expect(kindsAfter(skewed, skewed, { ...skewed, selection: 0.4 })).toEqual([]);
  });

  test('raises a decision that stays wrong for two iterations', () => {
    expect(kindsAfter(skewed, skewed, skewed)).toEqual(['polarised-prior', 'one-sided-auto', 'auto-below-oracle']);
    expect(evaluated(skewed, skewed, skewed)[0]?.message).toBe(
      '97 % of the prior stays on text; the better arm has 36 % of it',
    );
    expect(kindsAfter({ auto: 0.6 }, { auto: 0.6 }, { auto: 0.6 })).toEqual(['auto-below-oracle']);
    // Away from the better arm is no progress.
    expect(kindsAfter(skewed, skewed, { ...skewed, prior: 0.01 })).toContain('polarised-prior');
  });

  test('of a model that rightly takes one arm raises nothing', () => {
    const right = { auto: 0.95, code: 0.95, cot: 0.1, oracle: 0.98, prior: 0.98, rate: 0.99, selection: 0.95 };
    expect(kindsAfter(right, right, right, right)).toEqual([]);
  });

  test('raises what was lost against the start by more than its interval, by name', () => {
    const alarms = evaluated({}, { cot: 0.22, oracle: 0.82, auto: 0.8 });
    expect(alarms.map(({ kind, message }) => [kind, message.split(' is ')[0]])).toEqual([
      ['capability-lost', 'oracle'],
      ['capability-lost', 'accuracy, forced cot'],
    ]);
    expect(kindsAfter({}, { cot: 0.32 })).toEqual([]);
  });

  test('says what to do, in one sentence', () => {
    for (const { action } of [...evaluated(skewed, skewed, skewed), ...evaluated({}, { oracle: 0.7 })])
      expect(action).toMatch(/^[A-Z][^.]*(\.[a-zA-Z][^.]*)*\.$/);
  });
});

const between = (random: Random, low: number, high: number) => low + random.next() * (high - low);
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/** Every evaluation draws its own problems, which is noisier than one suite of the same problems. */
const drawn = (random: Random, n: number) => (share: number) =>
  measureMean(Array.from({ length: n }, () => (random.next() < share ? 1 : 0)));

interface Run {
  readonly counts: readonly IterationCounts[];
  readonly evaluations: readonly { readonly iteration: number; readonly metrics: EvaluationMetrics }[];
}

/**
 * A campaign in which nothing is wrong: arms of any shape, from any start, that learns slowly or fast, keeps what it
 * can do, and loses few rollouts.
 */
function healthyRun(seed: string): Run {
  const random = createRandom(seed);
  const n = Math.round(between(random, 50, 1500));
  const parts = [0, 1, 2, 3].map(() => -Math.log(1 - random.next()) * (random.next() < 0.3 ? 6 : 1));
  const total = parts.reduce((sum, part) => sum + part, 0);
  const [both, code, cot] = parts.map((part) => part / total) as [number, number, number];
  const iterations = 1 + random.below(8);
  const [start, speed, cap] = [between(random, -4, 4), between(random, 0.5, 3), between(random, 2.5, 5)];
  const spread = between(random, 1, 2);
  const evaluations = Array.from({ length: iterations + 1 }, (_, iteration) => {
    const toCode = Math.max(start, Math.min(cap, start + speed * iteration));
    const toCot = Math.min(start, Math.max(-cap, start - speed * iteration));
    const rest = 1 - code - cot;
    // Greedy decisions are surer than sampled ones.
    const [codeTaken, cotTaken] = [sigmoid(spread * toCode), sigmoid(-spread * toCot)];
    const shares = {
      auto: both + code * codeTaken + cot * cotTaken,
      cot: both + cot,
      code: both + code,
      oracle: both + code + cot,
      prior: code * sigmoid(toCode) + cot * sigmoid(toCot) + rest * sigmoid(start),
      rate: code * codeTaken + cot * (1 - cotTaken) + rest * sigmoid(spread * start),
      selection: (code * sigmoid(toCode) + cot * sigmoid(-toCot)) / (code + cot),
    };
    return { iteration, metrics: metrics(shares, drawn(random, n)) };
  });
  const counts = Array.from({ length: iterations }, (_, at): IterationCounts => {
    const rollouts = 32 * (1 + random.below(64));
    // Rollouts of a problem fail together.
    const some = (share: number) => 4 * Array.from({ length: rollouts / 4 }).filter(() => random.next() < share).length;
    const targets = 5 + random.below(200);
    const against = Array.from({ length: targets }).filter(() => random.next() < 0.02).length;
    const sampled = Object.fromEntries(
      ['cot', 'code'].flatMap((arm) => [
        [`completed.${arm}`, rollouts],
        [`violation.${arm}`, some(0.015)],
        [`undecided.${arm}`, some(0.015)],
        [`failed.${arm}.sandbox`, some(0.001)],
      ]),
    );
    const trained = {
      ratio_mean: between(random, 0.9, 1.12),
      clip_frac: between(random, 0.02, 0.25),
      balance: between(random, 0.05, 0.85),
    };
    return { iteration: at + 1, sampled, curated: { targets, targetsAgainstEstimate: against }, trained };
  });
  return { counts, evaluations };
}

const alarmsOf = ({ counts, evaluations }: Run) => [
  ...counts.flatMap(iterationAlarms),
  ...evaluations.flatMap((_, at) => evaluationAlarms(evaluations.slice(0, at + 1))),
  ...evaluations.flatMap((_, at) => collapseAlarm(evaluations.slice(0, at + 1))),
  ...evaluations.flatMap((_, at) => retentionAlarm('gsm8k', evaluations.slice(0, at + 1))),
];

describe('over generated campaigns', () => {
  test('at least 99 % of the healthy ones raise nothing, at any time', () => {
    const runs = 600;
    const raised = Array.from({ length: runs }, (_, seed) =>
      alarmsOf(healthyRun(`healthy ${seed}`)).map(({ kind }) => kind),
    );
    const alarmed = raised.filter((found) => found.length > 0);
    expect(alarmed.length / runs, JSON.stringify(alarmed)).toBeLessThanOrEqual(0.01);
  });

  /** What is wrong, as a change of a healthy run, and the alarm that it must raise. */
  const sick: Readonly<Record<AlarmKind, (random: Random) => Run>> = {
    'capability-lost': (random) => {
      const [start, drop] = [between(random, 0.6, 0.95), between(random, 0.12, 0.5)];
      return evaluations(random, [{ oracle: start }, { oracle: start - drop }]);
    },
    'auto-below-oracle': (random) => {
      const stuck = { auto: between(random, 0.3, 0.75), prior: 0.5, rate: 0.5, selection: 0.5 };
      return evaluations(random, [stuck, stuck, stuck, stuck]);
    },
    'one-sided-auto': (random) => {
      const rate = random.next() < 0.5 ? 0 : 1;
      const stuck = { auto: between(random, 0.3, 0.75), prior: 0.5, rate, selection: 0.5 };
      return evaluations(random, [stuck, stuck, stuck, stuck]);
    },
    'polarised-prior': (random) => {
      const prior = between(random, 0, 0.03);
      const stuck = { auto: between(random, 0.3, 0.75), prior, rate: 0, selection: between(random, 0.1, 0.6) };
      return evaluations(random, [stuck, stuck, stuck, stuck]);
    },
    'arm-violations': (random) => counted(random, (n) => ({ 'completed.code': n, 'violation.code': n / 5 })),
    undecided: (random) => counted(random, (n) => ({ 'completed.cot': n, 'undecided.cot': n / 5 })),
    infrastructure: (random) => counted(random, (n) => ({ 'completed.cot': n, 'failed.cot.sandbox': n / 10 })),
    'targets-against-estimate': () => ({
      evaluations: [],
      counts: [{ ...quiet, curated: { targets: 100, targetsAgainstEstimate: 20 } }],
    }),
    'sampler-mismatch': (random) =>
      counted(random, () => ({ shard_deviation: between(random, 0.021, 0.2), probe_tolerance: 0.02 })),
    'importance-ratio': (random) => trained({ ratio_mean: random.next() < 0.5 ? 0.75 : between(random, 1.25, 3) }),
    'clip-fraction': (random) => trained({ clip_frac: between(random, 0.35, 0.9) }),
    collapsed: (random) => {
      const best = between(random, 0.5, 0.95);
      return evaluations(random, [{ auto: best / 2 }, { auto: best }, { auto: best * between(random, 0, 0.7) }]);
    },
    forgetting: (random) => {
      const start = between(random, 0.5, 0.95);
      return evaluations(random, [{ auto: start }, { auto: start }, { auto: start * between(random, 0, 0.7) }]);
    },
    'prefix-mass': (random) => ({
      evaluations: [],
      counts: [
        { ...quiet, curated: { problems: 200, targets: 50, priorsWithoutMass: Math.round(between(random, 140, 200)) } },
      ],
    }),
    'decision-swamps': (random) => trained({ balance: between(random, 0.91, 1) }),
  };
  const trained = (metricsOfTraining: Record<string, number>): Run => ({
    evaluations: [],
    counts: [{ ...quiet, trained: metricsOfTraining }],
  });
  const counted = (random: Random, sampled: (n: number) => Record<string, number>): Run => ({
    evaluations: [],
    counts: [{ ...quiet, sampled: sampled(100 * (2 + random.below(20))) }],
  });
  const evaluations = (random: Random, all: readonly Shares[]): Run => {
    const measure = drawn(random, Math.round(between(random, 300, 1500)));
    return {
      counts: [],
      evaluations: all.map((shares, iteration) => ({ iteration, metrics: metrics(shares, measure) })),
    };
  };

  test('a decision with most of the gradient is no alarm where an anchor holds the solutions', () => {
    expect(alarmsOf(trained({ balance: 0.97, kl_weight: 4 }))).toEqual([]);
    expect(alarmsOf(trained({ balance: 0.97, kl_weight: 0.001 }))).toMatchObject([{ kind: 'decision-swamps' }]);
  });

  test.each(Object.keys(sick) as AlarmKind[])('%s is raised in at least 95 of 100 that have it', (kind) => {
    const runs = 60;
    const raised = Array.from({ length: runs }, (_, seed) => alarmsOf(sick[kind](createRandom(`${kind} ${seed}`))));
    const found = raised.filter((alarms) => alarms.some((alarm) => alarm.kind === kind));
    expect(found.length / runs).toBeGreaterThanOrEqual(0.95);
  });
});
