/** The table of evaluation metrics, for pages, the command line and alarms. A new metric is an entry here. */
import type { EvaluationMetrics, Measure, RepeatedSamples } from '../protocol/evaluation-metrics.ts';
import { ARMS, type Arm } from '../rollout/types.ts';
import * as figures from './problem-figures.ts';
import type { ProblemResult } from './problem-results.ts';

/**
 * `overview`: lists of campaigns. `comparison`: two campaigns side by side. `evaluations`: the evaluations of a campaign.
 * `list`: evaluations a line each. `details`: one evaluation, or two figure by figure.
 */
export type MetricView = 'overview' | 'comparison' | 'evaluations' | 'list' | 'details';

export interface Metric {
  /** Unique key; a standard term of the field. */
  readonly key: string;
  /** Head of a column. */
  readonly label: string;
  /** Label for narrow places; default: the label. */
  readonly short?: string;
  /** Title of a chart, row of a page of details. */
  readonly name: string;
  /** Explanation for people who see the metric for the first time. */
  readonly note: string;
  /** Absent if neither direction is better, e.g. for a code rate. */
  readonly better?: 'higher' | 'lower';
  readonly views: readonly MetricView[];
  /** The chart of a campaign's page that shows the metric. */
  readonly chart?: 'accuracy' | 'decision';
  /** All are shares: 0 to 1. */
  readonly pick: (metrics: EvaluationMetrics) => Measure | undefined;
  /** The metric on one problem, by which two evaluations of the same problems are compared. */
  readonly ofProblem: figures.ProblemFigure;
  /** Whether the metric says something of its own about these problems. Default: it does. */
  readonly isShown?: (problems: readonly ProblemResult[]) => boolean;
  /** What the model could do at the start and must not unlearn. */
  readonly isCapability?: true;
}

const accuracyOf = (arm: Arm): Pick<Metric, 'key' | 'label' | 'better' | 'chart' | 'pick' | 'ofProblem'> => ({
  key: `accuracy/${arm}`,
  label: arm,
  better: 'higher',
  chart: 'accuracy',
  pick: ({ accuracy }) => accuracy[arm],
  ofProblem: figures.accuracyOf(arm),
});

const strictAccuracyOf = (arm: Arm): Metric => ({
  key: `accuracy_strict/${arm}`,
  label: `${arm} strict`,
  name: `accuracy, ${arm === 'auto' ? 'auto' : `forced ${arm}`}, undecided as wrong`,
  note: `Accuracy of ${arm} as published figures count it: an answer that the grader could not decide is wrong.`,
  better: 'higher',
  views: ['details'],
  pick: ({ strictAccuracy }) => strictAccuracy?.[arm],
  ofProblem: figures.strictAccuracyOf(arm),
  isShown: (problems) => figures.hasUndecided(problems, arm),
});

/** In display order. */
export const METRICS: readonly Metric[] = [
  {
    ...accuracyOf('auto'),
    name: 'accuracy, auto',
    note: 'What a user gets.',
    views: ['overview', 'comparison', 'evaluations', 'list'],
  },
  {
    key: 'oracle',
    label: 'oracle',
    name: 'oracle',
    note: 'What always taking the better arm reaches; the arm is chosen on other samples than those that it is scored on.',
    better: 'higher',
    views: ['comparison', 'evaluations', 'details'],
    chart: 'accuracy',
    pick: ({ oracle }) => oracle,
    ofProblem: figures.oracle,
    isCapability: true,
  },
  {
    key: 'either',
    label: 'either arm',
    name: 'either arm solves it (pass@2 over the arms)',
    note: 'One rollout of each forced arm, and at least one is right. No decision reaches it where the arms are noisy.',
    better: 'higher',
    views: ['details'],
    pick: ({ either }) => either,
    ofProblem: figures.either,
  },
  {
    ...accuracyOf('cot'),
    name: 'accuracy, forced cot',
    note: 'Solved in text alone.',
    views: ['evaluations', 'list'],
    isCapability: true,
  },
  {
    ...accuracyOf('code'),
    name: 'accuracy, forced code',
    note: 'Solved with code.',
    views: ['evaluations', 'list'],
    isCapability: true,
  },
  ...ARMS.map(strictAccuracyOf),
  {
    key: 'code_rate',
    label: 'code rate',
    name: 'code rate of auto',
    note: 'Share of auto solutions that ran code.',
    views: ['overview', 'comparison', 'evaluations', 'details'],
    chart: 'decision',
    pick: ({ codeRate }) => codeRate,
    ofProblem: figures.codeRate,
  },
  {
    key: 'prior_code',
    label: 'π(code)',
    name: 'π(code)',
    note: 'Mean probability that the policy begins with code.',
    views: ['details'],
    pick: ({ priorCode }) => priorCode,
    ofProblem: figures.priorCode,
  },
  {
    key: 'prefix_mass',
    label: 'prefix mass',
    name: 'prefix mass',
    note: 'Mean probability that a solution begins with one of the two prefixes. Below 1 % π(code) and sampled selection say nothing.',
    views: ['details'],
    pick: ({ prefixMass }) => prefixMass,
    ofProblem: figures.prefixMass,
  },
  {
    key: 'selection/greedy',
    label: 'selection greedy',
    short: 'sel. greedy',
    name: 'selection accuracy, greedy',
    note: 'How often the better arm was taken, where the arms differ; weighted by how much they differ.',
    better: 'higher',
    views: ['evaluations', 'list', 'details'],
    chart: 'decision',
    pick: ({ selectionAccuracy }) => selectionAccuracy.greedy,
    ofProblem: figures.selectionGreedy,
  },
  {
    key: 'selection/sampled',
    label: 'selection sampled',
    short: 'sel. sampled',
    name: 'selection accuracy, sampled',
    note: 'Probability of the better arm, where the arms differ; weighted by how much they differ.',
    better: 'higher',
    views: ['overview', 'comparison', 'evaluations', 'details'],
    chart: 'decision',
    pick: ({ selectionAccuracy }) => selectionAccuracy.sampled,
    ofProblem: figures.selectionSampled,
  },
  {
    key: 'precision',
    label: 'precision',
    name: 'precision of code',
    note: 'Of auto solutions that ran code where the arms differ: how many should have.',
    better: 'higher',
    views: ['details'],
    pick: ({ precision }) => precision,
    ofProblem: figures.precision,
  },
  {
    key: 'recall',
    label: 'recall',
    name: 'recall of code',
    note: 'Of problems where code is the better arm: how often auto ran it.',
    better: 'higher',
    views: ['details'],
    pick: ({ recall }) => recall,
    ofProblem: figures.recall,
  },
  {
    key: 'regret',
    label: 'regret',
    name: 'regret',
    note: 'Accuracy lost against always taking the better arm: oracle less auto.',
    better: 'lower',
    views: ['details'],
    pick: ({ regret }) => regret,
    ofProblem: figures.regret,
  },
];

export const metricsIn = (view: MetricView): readonly Metric[] => METRICS.filter(({ views }) => views.includes(view));

/** A figure of one evaluation, by name. */
export interface Figure {
  readonly name: string;
  readonly measure: Measure;
}

/** Every measured metric of an evaluation: accuracy, or avg@k, maj@k and pass@j, of each arm, then the details. */
export function figuresOf(metrics: EvaluationMetrics): Figure[] {
  const ofArms = ARMS.flatMap((arm): Figure[] => {
    const samples = metrics.repeated?.[arm];
    const accuracy = metrics.accuracy[arm];
    if (samples === undefined) return accuracy === undefined ? [] : [{ name: `${arm} accuracy`, measure: accuracy }];
    return samplesOf(samples).map(({ name, measure }) => ({ name: `${arm} ${name}`, measure }));
  });
  const details = metricsIn('details').flatMap(({ label, pick }): Figure[] => {
    const measure = pick(metrics);
    return measure === undefined ? [] : [{ name: label, measure }];
  });
  return [...ofArms, ...details];
}

/** avg@k, maj@k and pass@j of an arm; pass@1 is avg@k. */
const samplesOf = ({ k, avg, maj, pass }: RepeatedSamples): Figure[] => [
  { name: `avg@${k}`, measure: avg },
  { name: `maj@${k}`, measure: maj },
  ...Object.entries(pass).flatMap(([size, measure]) => (size === '1' ? [] : [{ name: `pass@${size}`, measure }])),
];
