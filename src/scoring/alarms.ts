/** What a person should look at: signs that a campaign learns the wrong thing, or from too little. */
import { type Counts, countOf, describeLosses, lossesOf, totalOf } from '../protocol/counts.ts';
import type { EvaluationMetrics, Measure } from '../protocol/evaluation-metrics.ts';
import { ARMS } from '../rollout/types.ts';

export type AlarmKind =
  | 'polarised-prior'
  | 'one-sided-auto'
  | 'arm-violations'
  | 'infrastructure'
  | 'undecided'
  | 'targets-against-estimate'
  | 'importance-ratio'
  | 'clip-fraction'
  | 'capability-lost'
  | 'auto-below-oracle';

export interface Alarm {
  readonly kind: AlarmKind;
  readonly iteration: number;
  readonly message: string;
}

/** An iteration's counts by stage, as far as it has come. */
export interface IterationCounts {
  readonly iteration: number;
  /** Of the rollouts, by arm. */
  readonly sampled: Counts;
  readonly curated: Counts;
  readonly trained: Counts;
}

export interface MeasuredIteration {
  readonly iteration: number;
  readonly metrics: EvaluationMetrics;
}

/** Shares above (or below) which somebody should look. Those of the testbed's definition where it has one. */
const LIMITS = {
  polarised: 0.95,
  selection: 0.9,
  armShare: 0.05,
  violations: 0.05,
  infrastructure: 0.01,
  undecided: 0.05,
  targetsAgainst: 0.05,
  ratio: 0.2,
  clipped: 0.3,
  lost: 0.05,
  belowOracle: 0.1,
} as const;

const ENDS = ['completed', 'truncated', 'violation', 'infrastructure'] as const;

const percent = (share: number): string => `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`;

/** Alarms of one iteration's rollouts, curation and training. */
export function iterationAlarms({ iteration, sampled, curated, trained }: IterationCounts): Alarm[] {
  const alarms: Alarm[] = [];
  const raise = (kind: AlarmKind, message: string): void => {
    alarms.push({ kind, iteration, message });
  };
  for (const arm of ARMS) {
    const rollouts = ENDS.reduce((sum, end) => sum + countOf(sampled, end, arm), 0);
    if (rollouts === 0) continue;
    const share = (count: number): number => count / rollouts;
    const violations = share(countOf(sampled, 'violation', arm));
    if (violations > LIMITS.violations)
      raise('arm-violations', `${percent(violations)} of the ${arm} rollouts broke their arm's rule and teach nothing`);
    const causes = lossesOf(sampled, arm);
    const lost = share(totalOf(causes));
    if (lost > LIMITS.infrastructure)
      raise(
        'infrastructure',
        `${percent(lost)} of the ${arm} rollouts were lost to infrastructure (${describeLosses(causes)})`,
      );
    const undecided = share(countOf(sampled, 'undecided', arm));
    if (undecided > LIMITS.undecided)
      raise('undecided', `${percent(undecided)} of the ${arm} answers could not be decided by the grader`);
  }
  const { targets = 0, targetsAgainstEstimate = 0 } = curated;
  if (targetsAgainstEstimate > LIMITS.targetsAgainst * targets)
    raise(
      'targets-against-estimate',
      `${targetsAgainstEstimate} of ${targets} decision targets point away from the arm that did better: the prior outweighs α`,
    );
  const { meanRatio, clipFraction } = trained;
  if (meanRatio !== undefined && Math.abs(meanRatio - 1) > LIMITS.ratio)
    raise(
      'importance-ratio',
      `the mean importance ratio ended at ${meanRatio.toFixed(2)}: the policy moves too far in one iteration`,
    );
  if (clipFraction !== undefined && clipFraction > LIMITS.clipped)
    raise(
      'clip-fraction',
      `${percent(clipFraction)} of the tokens were clipped: the learning rate is high, or the epochs many`,
    );
  return alarms;
}

/** Alarms of the last of these evaluations, which are of one suite and in order of iteration. */
export function evaluationAlarms(measured: readonly MeasuredIteration[]): Alarm[] {
  const [first, last, before] = [measured[0], measured.at(-1), measured.at(-2)];
  if (first === undefined || last === undefined) return [];
  const alarms: Alarm[] = [];
  const raise = (kind: AlarmKind, message: string): void => {
    alarms.push({ kind, iteration: last.iteration, message });
  };
  const { accuracy, oracle, priorCode, codeRate, selectionAccuracy } = last.metrics;
  const selection = selectionAccuracy.sampled?.value;
  if (priorCode !== undefined && (selection === undefined || selection < LIMITS.selection)) {
    const larger = Math.max(priorCode.value, 1 - priorCode.value);
    if (larger > LIMITS.polarised)
      raise(
        'polarised-prior',
        `${percent(larger)} of the prior is on ${priorCode.value > 0.5 ? 'code' : 'text'}, before the decision is right (selection ${selection === undefined ? 'not measured' : percent(selection)})`,
      );
  }
  if (codeRate !== undefined && Math.min(codeRate.value, 1 - codeRate.value) < LIMITS.armShare)
    raise('one-sided-auto', `code in ${percent(codeRate.value)} of the auto rollouts: one arm is hardly ever taken`);
  const measures = { oracle, 'forced cot': accuracy.cot, 'forced code': accuracy.code };
  const atStart = {
    oracle: first.metrics.oracle,
    'forced cot': first.metrics.accuracy.cot,
    'forced code': first.metrics.accuracy.code,
  };
  for (const [name, measure] of Object.entries(measures) as [keyof typeof measures, Measure | undefined][]) {
    const drop = (atStart[name]?.value ?? 0) - (measure?.value ?? 1);
    if (drop > LIMITS.lost)
      raise('capability-lost', `${name} is ${(drop * 100).toFixed(1)} points below the start: the model unlearns`);
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
