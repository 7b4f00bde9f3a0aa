/** What `npm run demo -- --json FILE` writes, made from what the API shows of the two campaigns. */
import type { CampaignDetail } from '../db/views.ts';
import type { Measure } from '../em/measure.ts';

export interface DemoIteration {
  /** 0 is the warm start itself. */
  readonly iteration: number;
  readonly accuracy: { readonly auto: Measure; readonly cot: Measure; readonly code: Measure };
  readonly codeRate: Measure;
  readonly selectionAccuracy: { readonly greedy: Measure; readonly sampled: Measure };
  /** Share of problems that at least one forced arm solved. */
  readonly oracle: Measure;
  /** Wall seconds per stage of the iteration, its evaluation included. */
  readonly seconds: Readonly<Record<string, number>>;
}

export interface DemoResult {
  readonly campaign: string;
  readonly iterations: readonly DemoIteration[];
  readonly rl?: { readonly campaign: string; readonly iterations: readonly DemoIteration[] };
  readonly seconds: { readonly total: number };
}

function need(measure: Measure | undefined, what: string): Measure {
  if (measure === undefined) throw new Error(`the evaluation measured no ${what}; see the failures on the live page`);
  return measure;
}

/** One entry per evaluated iteration of a campaign. Throws if one lacks a measure: the table would be silently short. */
export function demoIterations(campaign: CampaignDetail): DemoIteration[] {
  return campaign.evaluations.flatMap(({ iteration, metrics }) => {
    if (iteration === undefined || metrics === undefined) return [];
    const { accuracy, selectionAccuracy } = metrics;
    const stages = campaign.iterations.find((item) => item.iteration === iteration)?.stages ?? [];
    return [
      {
        iteration,
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
        seconds: Object.fromEntries(stages.map((stage) => [stage.stage, stage.seconds ?? 0])),
      },
    ];
  });
}

/** Below: the arms can't do the problems, and nothing about the decision can be learnt from them. */
const LEAST_ORACLE = 0.85;

/** Throws when the warm start is too weak to show anything, in place of a table that misleads. */
export function requireWarmStart(campaign: CampaignDetail): void {
  const oracle = campaign.evaluations.find((item) => item.iteration === 0)?.metrics?.oracle;
  if (oracle === undefined || oracle.value >= LEAST_ORACLE) return;
  const share = (value: number): string => `${(100 * value).toFixed(0)} %`;
  throw new Error(
    `the warm start solves ${share(oracle.value)} of the held-out problems by either arm; ${share(LEAST_ORACLE)} is the least ` +
      'that the testbed is defined for. Raise warmUp.problems or warmUp.epochs in examples/testbed.yaml',
  );
}
