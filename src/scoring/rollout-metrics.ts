/** Metrics of the rollouts of an arm, with the properties that pages, the command line and alarms need. */
import { type Counts, countOf, describeLosses, lossesOf, type RolloutCount, totalOf } from '../protocol/counts.ts';
import { type Arm, ROLLOUT_ENDS } from '../rollout/types.ts';
import { type AlarmKind, percent } from './alarm.ts';

export interface RolloutMetric {
  readonly label: string;
  readonly note?: string;
  readonly count: (counts: Counts, arm: Arm) => number;
  /** The counts that are summed. */
  readonly causes?: (counts: Counts, arm: Arm) => Counts;
  /** Whether a count above 0 indicates a problem. */
  readonly isFault?: true;
  /** Raised if the count is surely a larger share of the arm's rollouts: by the interval of the share. */
  readonly alarm?: {
    readonly kind: AlarmKind;
    readonly above: number;
    readonly message: (share: number, arm: Arm, counts: Counts) => string;
  };
}

const countedAs = (of: RolloutCount): Pick<RolloutMetric, 'label' | 'count'> => ({
  label: of,
  count: (counts, arm) => countOf(counts, of, arm),
});

/** In display order. */
export const ROLLOUT_METRICS: readonly RolloutMetric[] = [
  countedAs('completed'),
  countedAs('truncated'),
  {
    ...countedAs('violation'),
    isFault: true,
    alarm: {
      kind: 'arm-violations',
      above: 0.05,
      message: (share, arm) => `${percent(share)} of the ${arm} rollouts broke their arm's rule and teach nothing`,
    },
  },
  {
    ...countedAs('undecided'),
    note: 'no verdict on the answer: neither right nor wrong',
    isFault: true,
    alarm: {
      kind: 'undecided',
      above: 0.05,
      message: (share, arm) => `${percent(share)} of the ${arm} answers could not be decided by the grader`,
    },
  },
  {
    label: 'lost',
    note: 'by sandbox or grader: no failure of the model',
    count: (counts, arm) => totalOf(lossesOf(counts, arm)),
    causes: lossesOf,
    isFault: true,
    alarm: {
      kind: 'infrastructure',
      above: 0.01,
      message: (share, arm, counts) =>
        `${percent(share)} of the ${arm} rollouts were lost to infrastructure (${describeLosses(lossesOf(counts, arm))})`,
    },
  },
];

/** All rollouts of the arm that have ended. */
export const endedRollouts = (counts: Counts, arm: Arm): number =>
  ROLLOUT_ENDS.reduce((sum, end) => sum + countOf(counts, end, arm), 0);
