/** The output of `npm run demo -- --json FILE`, made from the API's view of the two campaigns. */
import { isDue } from '../config/evaluation-schedule.ts';
import type { CampaignDetail } from '../db/views.ts';
import type { Measure } from '../protocol/evaluation-metrics.ts';
import { DemoFailure } from './failure.ts';

export interface DemoIteration {
  /** 0 is the warm start. */
  readonly iteration: number;
  /** Sampled for training up to here. */
  readonly rollouts: number;
  readonly accuracy: { readonly auto: Measure; readonly cot: Measure; readonly code: Measure };
  readonly codeRate: Measure;
  readonly selectionAccuracy: { readonly greedy: Measure; readonly sampled: Measure };
  /** Share of problems that at least one forced arm solved. */
  readonly oracle: Measure;
  /** Wall seconds per stage since the measured iteration before, the evaluation included. */
  readonly seconds: Readonly<Record<string, number>>;
}

export interface DemoResult {
  readonly campaign: string;
  /** Digest of EM's last checkpoint; equal for equal seeds on one machine. */
  readonly checkpoint?: string;
  readonly iterations: readonly DemoIteration[];
  readonly rl?: { readonly campaign: string; readonly iterations: readonly DemoIteration[] };
  readonly seconds: { readonly total: number };
}

function need(measure: Measure | undefined, what: string): Measure {
  if (measure === undefined)
    throw new DemoFailure(`the evaluation measured no ${what}; see the failures on the live page`);
  return measure;
}

/**
 * One entry per measured iteration of an ended campaign, the warm start first, with the seconds since the one before.
 * @throws DemoFailure if the campaign was stopped, or a due iteration has no complete evaluation: the table would
 * silently miss it
 */
export function demoIterations(
  campaign: CampaignDetail,
  { rollouts, every = 1 }: { readonly rollouts: number; readonly every?: number | undefined },
): DemoIteration[] {
  if (campaign.status === 'stopped')
    throw new DemoFailure(
      `${campaign.id} was stopped after ${campaign.iterationsDone} iterations; continue it with \`whencode campaign extend\``,
    );
  const measured = campaign.evaluations.filter((item) => item.iteration !== undefined);
  for (let iteration = 0; iteration <= campaign.iterationsDone; iteration += 1) {
    const isEnd = iteration === 0 || iteration === (campaign.iterationsPlanned ?? campaign.iterationsDone);
    if (!isDue({ every }, { iteration, isEnd })) continue;
    const found = measured.find((item) => item.iteration === iteration);
    if (found?.metrics === undefined) {
      throw new DemoFailure(
        `iteration ${iteration} of ${campaign.id} was not measured: ${found?.reason ?? 'no evaluation ran'}`,
      );
    }
  }
  return measured.flatMap(({ iteration, metrics }) => {
    if (iteration === undefined || metrics === undefined) return [];
    const { accuracy, selectionAccuracy } = metrics;
    const before = Math.max(-1, ...measured.map((item) => item.iteration ?? 0).filter((other) => other < iteration));
    const seconds: Record<string, number> = {};
    for (const item of campaign.iterations)
      for (const stage of item.iteration > before && item.iteration <= iteration ? item.stages : [])
        seconds[stage.stage] = (seconds[stage.stage] ?? 0) + (stage.seconds ?? 0);
    return [
      {
        iteration,
        rollouts: iteration * rollouts,
        accuracy: {
          auto: need(accuracy.auto, 'accuracy of auto'),
          cot: need(accuracy.cot, 'accuracy of forced CoT'),
          code: need(accuracy.code, 'accuracy of forced code'),
        },
        codeRate: need(metrics.codeRate, 'code rate'),
        selectionAccuracy: {
          greedy: need(selectionAccuracy.greedy, 'greedy selection accuracy'),
          sampled: need(selectionAccuracy.sampled, 'sampled selection accuracy'),
        },
        oracle: need(metrics.oracle, 'oracle'),
        seconds,
      },
    ];
  });
}

/** Minimum share of problems that an arm solves; below it the decision can't be learnt. */
const LEAST_ORACLE = 0.85;
/** Allowed mean π(code|x) of a balanced warm start. */
const BALANCED = [0.4, 0.6] as const;

/** Checks the warm start once it is evaluated. Throws when it is unsuited, instead of showing a misleading table. */
export function requireWarmStart(campaign: CampaignDetail, warmStart: 'skewed' | 'balanced'): void {
  const start = campaign.evaluations.find((item) => item.iteration === 0);
  if (start?.status === 'failed')
    throw new DemoFailure(`the warm start could not be measured: ${start.reason ?? 'see the logs'}`);
  const oracle = start?.metrics?.oracle;
  const share = (value: number): string => `${(100 * value).toFixed(0)} %`;
  if (oracle !== undefined && oracle.value < LEAST_ORACLE) {
    throw new DemoFailure(
      `the warm start solves ${share(oracle.value)} of the held-out problems by either arm; ${share(LEAST_ORACLE)} is the least ` +
        'that the testbed is defined for. Raise sft.problems or sft.epochs in examples/testbed.yaml',
    );
  }
  const prior = start?.metrics?.priorCode;
  if (warmStart === 'balanced' && prior !== undefined && (prior.value < BALANCED[0] || prior.value > BALANCED[1])) {
    throw new DemoFailure(
      `the balanced warm start begins with code with probability ${share(prior.value)}; 40 to 60 % are allowed`,
    );
  }
}
