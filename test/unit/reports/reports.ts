/** Made-up reports for tests. */
import type { EvaluationMetrics, Measure } from '../../../src/protocol/evaluation-metrics.ts';
import type { Report, ReportCampaign, ReportEvaluation } from '../../../src/reports/report.ts';

const measure = (value: number): Measure => ({ value, low: value - 0.05, high: value + 0.05, n: 400 });

export const metricsOf = (auto: number): EvaluationMetrics => ({
  accuracy: { auto: measure(auto), cot: measure(0.3), code: measure(0.7) },
  codeRate: measure(0.6),
  oracle: measure(0.95),
  selectionAccuracy: { greedy: measure(0.9), sampled: measure(0.85) },
});

const digest = (text: string): string => `sha256:${Buffer.from(text).toString('hex').padEnd(64, '0')}`;

/** Evaluations after every iteration. @param autos - Accuracy of auto, the start first */
export function campaignOf(id: string, seed: number, autos: readonly number[], perIteration = 1024): ReportCampaign {
  return {
    id,
    seed,
    status: 'completed',
    iterations: autos.map((_, iteration) => ({
      iteration,
      rollouts: iteration === 0 ? 0 : perIteration,
      ...(iteration === 0 ? {} : { from: digest(`${id}${iteration - 1}`), score: digest(`score${id}${iteration}`) }),
      to: digest(`${id}${iteration}`),
    })),
    evaluations: autos.map(
      (auto, iteration): ReportEvaluation => ({
        id: `eval/${id}${iteration}/held-out/1`,
        suite: 'held-out',
        iteration,
        rollouts: iteration * perIteration,
        checkpoint: digest(`${id}${iteration}`),
        manifest: digest(`manifest${id}${iteration}`),
        metrics: metricsOf(auto),
      }),
    ),
  };
}

/** Two groups of two seeds; the second has twice as many iterations of half the rollouts. */
export const REPORT: Report = {
  format: 'whencode-report-1',
  asked: ['em-*', 'rl-*'],
  groups: [
    {
      name: 'em',
      settings: { method: 'em', train: { klWeight: 8 } },
      campaigns: [campaignOf('em-1', 1, [0.3, 0.9]), campaignOf('em-2', 2, [0.32, 0.88])],
    },
    {
      name: 'rl',
      settings: { method: 'rl', train: { klWeight: 0 } },
      campaigns: [campaignOf('rl-1', 1, [0.3, 0.4, 0.7], 512), campaignOf('rl-2', 2, [0.32, 0.4, 0.74], 512)],
    },
  ],
  comparisons: [
    {
      suite: 'held-out',
      rollouts: 1024,
      left: 'em',
      right: 'rl',
      seeds: [
        {
          seed: 1,
          left: 'eval/em-11/held-out/1',
          right: 'eval/rl-12/held-out/1',
          pairedOver: 400,
          figures: [{ figure: 'auto accuracy', difference: { value: -0.2, low: -0.25, high: -0.15 } }],
        },
        {
          seed: 2,
          left: 'eval/em-21/held-out/1',
          right: 'eval/rl-22/held-out/1',
          figures: [{ figure: 'auto accuracy', difference: { value: -0.14, low: -0.2, high: -0.08 } }],
        },
      ],
    },
  ],
};
