import { describe, expect, test } from 'vitest';
import { renderEvaluations } from '../../../src/cli/render-campaign.ts';
import { renderEvaluation, renderEvaluationList } from '../../../src/cli/render-evaluation.ts';
import type { EvaluationView } from '../../../src/db/views.ts';
import { type EvaluationMetrics, type Measure, withCurrentMetrics } from '../../../src/protocol/evaluation-metrics.ts';
import { evaluationMetricsSchema } from '../../../src/protocol/evaluation-metrics-schema.ts';
import { figuresOf, METRICS, type MetricView, metricsIn } from '../../../src/scoring/metrics.ts';

const share = (value: number): Measure => ({ value, low: value - 0.01, high: value + 0.01, n: 100 });
const samples = { k: 2, avg: share(0.3), maj: share(0.31), pass: { 1: share(0.3), 2: share(0.39) } };

/** Everything that an evaluation can measure, every value another. */
const all: Required<EvaluationMetrics> = {
  accuracy: { auto: share(0.81), cot: share(0.62), code: share(0.73) },
  repeated: { auto: samples },
  codeRate: share(0.54),
  selectionAccuracy: { greedy: share(0.45), sampled: share(0.36) },
  priorCode: share(0.27),
  prefixMass: share(0.92),
  oracle: share(0.98),
  either: share(0.99),
  strictAccuracy: { auto: share(0.8), cot: share(0.61), code: share(0.72) },
  precision: share(0.18),
  recall: share(0.19),
  regret: share(0.11),
  counts: { 'rollouts.auto': 200, 'infrastructure.auto': 3, 'undecided.auto': 4 },
};
const evaluation = {
  id: 'eval/1',
  suite: 'held-out',
  checkpoint: `sha256:${'a'.repeat(64)}`,
  status: 'completed',
  startedAt: '2026-01-01T00:00:00.000Z',
  iteration: 1,
  metrics: all,
} as EvaluationView;
const shown = ({ value }: Measure): string => value.toFixed(2).replace(/^0/, '');

/** Every measure in the metrics, but those of repeated samples. */
function measuresIn({ repeated: _, counts: __, ...metrics }: EvaluationMetrics): Measure[] {
  const isMeasure = (value: object): value is Measure => 'low' in value;
  const walk = (value: object): Measure[] => (isMeasure(value) ? [value] : Object.values(value).flatMap(walk));
  return Object.values(metrics).flatMap(walk);
}

describe('the metrics of an evaluation', () => {
  test('have keys and names of their own', () => {
    for (const field of ['key', 'label', 'name', 'note'] as const)
      expect(new Set(METRICS.map((metric) => metric[field])).size).toBe(METRICS.length);
  });

  test('are everything that is measured, each once', () => {
    const picked = METRICS.map(({ pick }) => pick(all));
    expect(new Set(picked)).toEqual(new Set(measuresIn(all)));
    expect(picked).toHaveLength(measuresIn(all).length);
  });

  test('are absent where nothing was measured', () => {
    for (const { pick } of METRICS) expect(pick({ accuracy: {}, selectionAccuracy: {} })).toBeUndefined();
  });

  test.each([
    ['evaluations', renderEvaluations([evaluation])],
    ['list', renderEvaluationList([evaluation])],
    ['details', renderEvaluation(evaluation)],
  ] satisfies [MetricView, string][])('of the view %s are all in its text', (view, text) => {
    for (const metric of metricsIn(view)) {
      expect(text).toContain(view === 'details' ? metric.name : metric.label);
      expect(text).toContain(shown(metric.pick(all) as Measure));
    }
  });

  test('are figures by name: avg@k, maj@k and pass@j for j > 1 in place of the accuracy where there are several samples', () => {
    const names = figuresOf(all).map(({ name }) => name);
    expect(names.slice(0, 5)).toEqual(['auto avg@2', 'auto maj@2', 'auto pass@2', 'cot accuracy', 'code accuracy']);
    expect(names.slice(5)).toEqual(metricsIn('details').map(({ label }) => label));
    expect(figuresOf({ accuracy: {}, selectionAccuracy: {} })).toEqual([]);
  });
});

describe('metrics that earlier versions recorded', () => {
  const { either: _, strictAccuracy: __, repeated: ___, ...recorded } = all;
  test('of one sample an arm: their oracle is pass@2 over the arms, which it still is with greedy arms', () => {
    const read = withCurrentMetrics(evaluationMetricsSchema.parse(recorded));
    expect(read.oracle).toEqual(all.oracle);
    expect(read.either).toEqual(all.oracle);
  });

  test('of several samples: their oracle, the larger mean, is none', () => {
    const read = withCurrentMetrics(evaluationMetricsSchema.parse({ ...recorded, repeated: { auto: samples } }));
    expect(read).not.toHaveProperty('oracle');
    expect(read.either).toEqual(all.oracle);
  });

  test("today's are left as they are", () => {
    expect(withCurrentMetrics(all)).toEqual(all);
    const { oracle: ____, ...sampledOnce } = all;
    expect(withCurrentMetrics(sampledOnce)).toEqual(sampledOnce);
  });
});

test('one sample an arm is one number: the accuracy, with no avg@1, maj@1 or pass@1 beside it', () => {
  const { repeated: _, ...once } = all;
  const recorded = {
    ...once,
    repeated: { auto: { k: 1, avg: share(0.81), maj: share(0.81), pass: { 1: share(0.81) } } },
  };
  for (const metrics of [once, recorded]) {
    const text = renderEvaluation({ ...evaluation, metrics });
    expect(text).toContain('accuracy');
    expect(text).not.toMatch(/(avg|maj|pass)@1\b/);
    const [arm = ''] = text.split('\n').filter((line) => line.startsWith('auto'));
    expect(arm.match(/\.81/g)).toHaveLength(1);
  }
});
