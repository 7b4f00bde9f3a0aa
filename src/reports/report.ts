/** What a report shows: figures of campaigns with the manifests that they come from. Plain JSON. */
import type { EvaluationMetrics } from '../protocol/evaluation-metrics.ts';
import type { FigurePair } from '../scoring/compare-evaluations.ts';

export interface Report {
  readonly format: 'whencode-report-1';
  /** Names and patterns of campaigns, as they were asked for. */
  readonly asked: readonly string[];
  /** In the order asked for. Others are compared with the first. */
  readonly groups: readonly ReportGroup[];
  readonly comparisons: readonly ReportComparison[];
}

/** Campaigns that differ in name and seeds only. */
export interface ReportGroup {
  readonly name: string;
  /** Of the campaign file, without name and seeds. */
  readonly settings: unknown;
  /** By seed. */
  readonly campaigns: readonly ReportCampaign[];
}

export interface ReportCampaign {
  readonly id: string;
  readonly seed: number;
  readonly status: string;
  /** Campaign and iteration, e.g. `math/3`. */
  readonly forkedFrom?: string;
  readonly iterations: readonly ReportIteration[];
  /** In order of iteration. */
  readonly evaluations: readonly ReportEvaluation[];
}

export interface ReportIteration {
  readonly iteration: number;
  readonly from?: string;
  readonly to?: string;
  /** Sampled for the training. */
  readonly rollouts: number;
  /** Manifest of the stage `score`, which counts them; absent where nothing was sampled. */
  readonly score?: string;
}

export interface ReportEvaluation {
  readonly id: string;
  readonly suite: string;
  readonly iteration: number;
  /** Sampled for the training until then. */
  readonly rollouts: number;
  readonly checkpoint: string;
  readonly manifest: string;
  readonly metrics: EvaluationMetrics;
}

/** A group against the first one, seed by seed, at the largest number of rollouts at which all were measured. */
export interface ReportComparison {
  readonly suite: string;
  readonly rollouts: number;
  readonly left: string;
  readonly right: string;
  readonly seeds: readonly {
    readonly seed: number;
    /** Ids of the evaluations. */
    readonly left: string;
    readonly right: string;
    /** Problems that both measured; absent where the difference is that of independent means. */
    readonly pairedOver?: number;
    readonly figures: readonly FigurePair[];
  }[];
}

/** Suites in the order of the first group's evaluations. */
export const suitesOf = ({ groups }: Pick<Report, 'groups'>): string[] => [
  ...new Set(
    groups.flatMap(({ campaigns }) => campaigns.flatMap(({ evaluations }) => evaluations.map(({ suite }) => suite))),
  ),
];

/**
 * The evaluation at a number of rollouts. Where training samples nothing, as that of `sft`, all stand at one number, and it
 * is the last of them.
 */
export const evaluationAt = (
  { evaluations }: Pick<ReportCampaign, 'evaluations'>,
  suite: string,
  rollouts: number,
): ReportEvaluation | undefined => evaluations.findLast((item) => item.suite === suite && item.rollouts === rollouts);

/** The numbers of rollouts at which every campaign of the groups was measured on a suite, ascending. */
export function commonMarks(groups: readonly ReportGroup[], suite: string): number[] {
  const marks = groups.flatMap(({ campaigns }) =>
    campaigns.map(
      ({ evaluations }) => new Set(evaluations.filter((item) => item.suite === suite).map((item) => item.rollouts)),
    ),
  );
  const [first = new Set<number>(), ...others] = marks;
  return [...first].filter((mark) => others.every((other) => other.has(mark))).sort((a, b) => a - b);
}
