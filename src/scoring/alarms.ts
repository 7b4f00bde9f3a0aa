/** Alarms: signs that a campaign learns the wrong thing, or from too few rollouts. */
import type { Counts } from '../protocol/counts.ts';
import type { EvaluationMetrics } from '../protocol/evaluation-metrics.ts';
import { ARMS } from '../rollout/types.ts';
import { type Alarm, type AlarmKind, percent } from './alarm.ts';
import { LEARNING_METRICS, withCurrentKeys } from './learning-metrics.ts';
import { METRICS, type Metric } from './metrics.ts';
import { endedRollouts, ROLLOUT_METRICS } from './rollout-metrics.ts';

/** An iteration's counts by stage, of the stages that it has reached. */
export interface IterationCounts {
  readonly iteration: number;
  /** Counts of the rollouts, by arm. */
  readonly sampled: Counts;
  readonly curated: Counts;
  readonly trained: Counts;
}

export interface MeasuredIteration {
  readonly iteration: number;
  readonly metrics: EvaluationMetrics;
}

/** Thresholds of alarms, as shares. They are those of the testbed's definition where it has one. */
const LIMITS = { polarised: 0.95, selection: 0.9, belowOracle: 0.1 } as const;

/** Alarms of one iteration's rollouts, curation and training. */
export function iterationAlarms({ iteration, sampled, curated, trained }: IterationCounts): Alarm[] {
  const ofRollouts = ARMS.flatMap((arm) => {
    const rollouts = endedRollouts(sampled, arm);
    return ROLLOUT_METRICS.flatMap(({ count, alarm }): Alarm[] => {
      const share = rollouts === 0 ? 0 : count(sampled, arm) / rollouts;
      if (alarm === undefined || share <= alarm.above) return [];
      return [{ kind: alarm.kind, iteration, message: alarm.message(share, arm, sampled) }];
    });
  });
  const counts = { curate: curated, train: withCurrentKeys(trained) };
  const ofLearning = LEARNING_METRICS.flatMap(({ key, stage, alarm }): Alarm[] => {
    const value = counts[stage][key];
    const message = value === undefined ? undefined : alarm?.raise(value, counts[stage]);
    return alarm === undefined || message === undefined ? [] : [{ kind: alarm.kind, iteration, message }];
  });
  return [...ofRollouts, ...ofLearning];
}

/** Alarms of the last evaluation. The evaluations are of one suite and in order of iteration. */
export function evaluationAlarms(measured: readonly MeasuredIteration[]): Alarm[] {
  const [first, last, before] = [measured[0], measured.at(-1), measured.at(-2)];
  if (first === undefined || last === undefined) return [];
  const alarms: Alarm[] = [];
  const raise = (kind: AlarmKind, message: string): void => {
    alarms.push({ kind, iteration: last.iteration, message });
  };
  const { accuracy, oracle, priorCode, selectionAccuracy } = last.metrics;
  const selection = selectionAccuracy.sampled?.value;
  if (priorCode !== undefined && (selection === undefined || selection < LIMITS.selection)) {
    const larger = Math.max(priorCode.value, 1 - priorCode.value);
    if (larger > LIMITS.polarised)
      raise(
        'polarised-prior',
        `${percent(larger)} of the prior is on ${priorCode.value > 0.5 ? 'code' : 'text'}, before the decision is right (selection ${selection === undefined ? 'not measured' : percent(selection)})`,
      );
  }
  for (const metric of METRICS) {
    const message = metricAlarm(metric, first.metrics, last.metrics);
    if (metric.alarm !== undefined && message !== undefined) raise(metric.alarm.kind, message);
  }
  if (accuracy.auto !== undefined && oracle !== undefined && before !== undefined) {
    const gap = oracle.value - accuracy.auto.value;
    const gapBefore = (before.metrics.oracle?.value ?? 1) - (before.metrics.accuracy.auto?.value ?? 0);
    const isApart = accuracy.auto.high < oracle.low;
    if (gap > LIMITS.belowOracle && isApart && gap >= gapBefore)
      raise(
        'auto-below-oracle',
        `auto is ${(gap * 100).toFixed(1)} points below what the better arm reaches, and comes no nearer`,
      );
  }
  return alarms;
}

/** The message of the metric's own alarm; undefined if it is not raised. */
function metricAlarm({ alarm, pick }: Metric, start: EvaluationMetrics, now: EvaluationMetrics): string | undefined {
  const value = pick(now)?.value;
  if (alarm === undefined || value === undefined) return undefined;
  switch (alarm.kind) {
    case 'one-sided-auto':
      if (Math.min(value, 1 - value) >= alarm.share) return undefined;
      return `code in ${percent(value)} of the auto rollouts: one arm is hardly ever taken`;
    case 'capability-lost': {
      const drop = (pick(start)?.value ?? 0) - value;
      if (drop <= alarm.drop) return undefined;
      return `${alarm.of} is ${(drop * 100).toFixed(1)} points below the start: the model unlearns`;
    }
  }
}
