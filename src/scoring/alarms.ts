/** Alarms: signs that a campaign learns the wrong thing, or from too few rollouts. */
import type { Counts } from '../protocol/counts.ts';
import type { EvaluationMetrics, Measure } from '../protocol/evaluation-metrics.ts';
import { ARMS } from '../rollout/types.ts';
import { type Alarm, type AlarmKind, alarmOf, isSurelyAboveLimit, percent } from './alarm.ts';
import { apart } from './compare-evaluations.ts';
import { LEARNING_METRICS, withCurrentKeys } from './learning-metrics.ts';
import { measureShare } from './measure.ts';
import { METRICS } from './metrics.ts';
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

/** Thresholds, as shares of problems or rollouts. */
const LIMITS = { polarised: 0.95, oneSided: 0.95, selection: 0.9, belowOracle: 0.1, drop: 0.03 } as const;

/** What counts as progress of a decision since the evaluation before the last: less noise than signal. */
const PROGRESS = { selection: 0.01, logOdds: 0.1 } as const;

/** Alarms of one iteration's rollouts, curation and training. */
export function iterationAlarms({ iteration, sampled, curated, trained }: IterationCounts): Alarm[] {
  const ofRollouts = ARMS.flatMap((arm) => {
    const rollouts = endedRollouts(sampled, arm);
    return ROLLOUT_METRICS.flatMap(({ count, alarm }): Alarm[] => {
      if (alarm === undefined || rollouts === 0) return [];
      const share = count(sampled, arm) / rollouts;
      if (!isSurelyAboveLimit(measureShare(share, rollouts), alarm.above)) return [];
      return [alarmOf(alarm.kind, iteration, alarm.message(share, arm, sampled))];
    });
  });
  const counts = { sample: sampled, curate: curated, train: withCurrentKeys(trained) };
  const ofLearning = LEARNING_METRICS.flatMap(({ key, stage, alarm }): Alarm[] => {
    const value = counts[stage][key];
    const message = value === undefined ? undefined : alarm?.raise(value, counts[stage]);
    return alarm === undefined || message === undefined ? [] : [alarmOf(alarm.kind, iteration, message)];
  });
  // The probe of the first shard and that of the training set find the same.
  return [...ofRollouts, ...new Map(ofLearning.map((alarm) => [alarm.kind, alarm])).values()];
}

/** Alarms of the last evaluation. The evaluations are of one suite and in order of iteration. */
export function evaluationAlarms(measured: readonly MeasuredIteration[]): Alarm[] {
  const [first, last, before] = [measured[0], measured.at(-1), measured.at(-3)];
  if (first === undefined || last === undefined) return [];
  const lost = METRICS.flatMap(({ name, pick, isCapability }): Alarm[] => {
    const [start, now] = [pick(first.metrics), pick(last.metrics)];
    if (isCapability === undefined || start === undefined || now === undefined) return [];
    if (start.value - now.value <= LIMITS.drop || !isSurelyAbove(start, now)) return [];
    const points = ((start.value - now.value) * 100).toFixed(1);
    return [
      alarmOf('capability-lost', last.iteration, `${name} is ${points} points below the start: the model unlearns`),
    ];
  });
  if (before === undefined) return lost;
  const decided = decisionAlarms(before.metrics, last.metrics);
  return [...lost, ...decided.map(([kind, message]) => alarmOf(kind, last.iteration, message))];
}

/**
 * Alarms of a decision that stays wrong: `auto` surely misses what the better arm reaches, and came no nearer in two
 * iterations. A start that hardly ever takes the better arm is not one yet, nor is a model that rightly takes one arm.
 */
function decisionAlarms(before: EvaluationMetrics, now: EvaluationMetrics): [AlarmKind, string][] {
  const { accuracy, oracle, priorCode, codeRate, selectionAccuracy } = now;
  if (accuracy.auto === undefined || oracle === undefined) return [];
  const gap = oracle.value - accuracy.auto.value;
  if (gap <= LIMITS.belowOracle || !isSurelyAbove(oracle, accuracy.auto) || hasProgressed(before, now)) return [];
  const found: [AlarmKind, string][] = [];
  const points = `${(gap * 100).toFixed(1)} points below what the better arm reaches, and comes no nearer`;
  const selection = selectionAccuracy.sampled;
  const prior = oneSide(priorCode, LIMITS.polarised);
  if (prior !== undefined && (selection === undefined || selection.high < LIMITS.selection))
    found.push([
      'polarised-prior',
      `${percent(prior.share)} of the prior stays on ${prior.arm}; the better arm has ${selection === undefined ? 'an unknown share' : percent(selection.value)} of it`,
    ]);
  const rate = oneSide(codeRate, LIMITS.oneSided);
  if (rate !== undefined)
    found.push([
      'one-sided-auto',
      `${percent(rate.share)} of the auto rollouts are ${rate.arm}, and auto is ${points}`,
    ]);
  found.push(['auto-below-oracle', `auto is ${points}`]);
  return found;
}

const isSurelyAbove = (larger: Measure, smaller: Measure): boolean => isSurelyAboveLimit(apart(smaller, larger), 0);

/** The arm whose share is above the limit with its whole interval. */
function oneSide(code: Measure | undefined, limit: number) {
  if (code === undefined) return undefined;
  if (code.low > limit) return { arm: 'code', share: code.value };
  return code.high < 1 - limit ? { arm: 'text', share: 1 - code.value } : undefined;
}

/** Whether `auto` became better, or the prior came nearer to the better arm. */
function hasProgressed(before: EvaluationMetrics, now: EvaluationMetrics): boolean {
  const selectionOf = ({ selectionAccuracy: { sampled } }: EvaluationMetrics) => sampled?.value ?? 0;
  const [autoBefore, auto] = [before.accuracy.auto, now.accuracy.auto];
  if (autoBefore === undefined || auto === undefined || apart(autoBefore, auto).low > 0) return true;
  if (selectionOf(now) - selectionOf(before) > PROGRESS.selection) return true;
  if (before.priorCode === undefined || now.priorCode === undefined) return false;
  const [from, to] = [before.priorCode.value, now.priorCode.value].map((p) => Math.log(p / (1 - p))) as [
    number,
    number,
  ];
  return to > from === to < 0 && Math.abs(to - from) > PROGRESS.logOdds;
}
