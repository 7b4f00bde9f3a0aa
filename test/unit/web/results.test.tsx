import { expect, test } from 'vitest';
import type { CampaignDetail, EvaluationView } from '../../../src/db/views.ts';
import { ARMS } from '../../../src/rollout/types.ts';
import { LEARNING_METRICS } from '../../../src/scoring/learning-metrics.ts';
import { METRICS, metricsIn } from '../../../src/scoring/metrics.ts';
import { ROLLOUT_METRICS } from '../../../src/scoring/rollout-metrics.ts';
import { Failures } from '../../../src/web/section-failures.tsx';
import { Learning } from '../../../src/web/section-learning.tsx';
import { Curves, Evaluations } from '../../../src/web/section-results.tsx';

const share = (value: number) => ({ value, low: value - 0.01, high: value + 0.01, n: 100 });
const evaluation = {
  suite: 'held-out',
  checkpoint: `sha256:${'a'.repeat(64)}`,
  status: 'completed',
  iteration: 1,
  metrics: {
    accuracy: { auto: share(0.811), cot: share(0.622), code: share(0.733) },
    oracle: share(0.984),
    codeRate: share(0.545),
    selectionAccuracy: { greedy: share(0.456), sampled: share(0.367) },
  },
} as EvaluationView;

const train = Object.fromEntries(LEARNING_METRICS.map(({ key }, at) => [key, (at + 11) / 100]));
const ends = { 'completed.cot': 41, 'truncated.cot': 42, 'violation.cot': 43, 'undecided.cot': 44 };
const iteration = {
  iteration: 1,
  stages: [
    { stage: 'sample', counts: train },
    { stage: 'curate', counts: train },
    { stage: 'train', counts: train },
  ],
  shardsDone: 1,
  counts: { ...ends, 'infrastructure.cot': 5, 'failed.cot.sandbox': 5, 'failed.cot.grader': 2 },
};
const campaign = { evaluations: [evaluation], iterations: [iteration] } as unknown as CampaignDetail;

const accuracy = [{ iteration: 1, arms: { cot: share(0.271) } }];

const textOf = (node: unknown): string =>
  String(node)
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ');

test('the table of evaluations has a column for every metric of its view', () => {
  const text = textOf(<Evaluations campaign={campaign} />);
  for (const { pick } of metricsIn('evaluations'))
    expect(text).toContain(
      ((pick(evaluation.metrics ?? { accuracy: {}, selectionAccuracy: {} })?.value ?? 0) * 100).toFixed(1),
    );
});

test('every metric with a chart is a line of it', () => {
  const html = String(<Curves campaign={campaign} accuracy={[]} />);
  const charted = METRICS.filter(({ chart }) => chart !== undefined);
  expect(charted.length).toBeGreaterThan(0);
  for (const { label, short = label } of charted) expect(html).toContain(`>${short}</th>`);
});

test('the section on learning has a column for every figure of curation and training', () => {
  const text = textOf(<Learning campaign={campaign} />);
  for (const { label } of LEARNING_METRICS) expect(text).toContain(label);
  for (const value of Object.values(train)) expect(text).toContain(String(value));
});

test('the section on failures has a column for every count of rollouts, and names what lost them', () => {
  const text = textOf(<Failures campaign={campaign} accuracy={accuracy} />);
  for (const { label } of ROLLOUT_METRICS) expect(text).toContain(label);
  for (const value of Object.values(ends)) expect(text).toContain(` ${value} `);
  expect(text).toContain(' 7 sandbox 5 grader 2 ');
  expect(text).toContain(' cot 27.1 ');
  expect(ARMS.filter((arm) => text.includes(` ${arm} `))).toEqual(['cot']);
});
