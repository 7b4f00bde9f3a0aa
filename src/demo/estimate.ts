/** Estimates the remaining time of the demo: expected seconds per stage, scaled by the speed of this machine so far. */

import { timesMeasured } from '../config/evaluation-schedule.ts';
import type { CampaignDetail, StageView } from '../db/views.ts';
import { STAGES, type StageName } from '../protocol/stages.ts';

/** Seconds per stage, measured once on two cores. Only their ratios matter after the first stage. */
const EXPECTED: Readonly<Record<StageName, number>> = {
  'warm-up': 130,
  plan: 0.4,
  sample: 4,
  score: 0.4,
  curate: 0.4,
  train: 5,
  evaluate: 5.5,
};

/** Problems an iteration that the figures were measured with. */
const EXPECTED_PROBLEMS = 128;

export interface PlannedCampaign {
  readonly iterations: number;
  readonly problemsPerIteration: number;
  readonly evaluations: readonly { readonly every?: number | undefined }[];
}

/** The campaigns in the order in which they run. */
export type DemoPlan = readonly PlannedCampaign[];

/** Sampling and training take as long as there are problems; the evaluation is the same for all. */
function expectedOf(stage: StageName, { problemsPerIteration }: PlannedCampaign): number {
  const scale = stage === 'sample' || stage === 'train' ? problemsPerIteration / EXPECTED_PROBLEMS : 1;
  return EXPECTED[stage] * scale;
}

/** Without the warm-up, which runs once, or not at all where an earlier run left it in the store. */
function expectedSeconds(campaign: PlannedCampaign): number {
  const stages = STAGES.filter((stage) => stage !== 'warm-up' && stage !== 'evaluate');
  const iteration = stages.reduce((sum, stage) => sum + expectedOf(stage, campaign), 0);
  const evaluations = campaign.evaluations.reduce((sum, suite) => sum + timesMeasured(suite, campaign.iterations), 0);
  return campaign.iterations * iteration + evaluations * EXPECTED.evaluate;
}

const isStored = ({ stage, seconds = 0 }: StageView): boolean =>
  stage === 'warm-up' && seconds < EXPECTED['warm-up'] / 20;

/** Seconds left at `nowMs`, from the campaigns seen so far, less the time that the running stage has taken. */
export function secondsLeft(
  plan: DemoPlan,
  campaigns: readonly CampaignDetail[],
  { startedAtMs, nowMs }: { readonly startedAtMs: number; readonly nowMs: number },
): number {
  const ended = campaigns.flatMap(({ iterations }, index) =>
    iterations
      .flatMap(({ stages }) => stages)
      .filter(({ status }) => status === 'completed')
      .map((stage) => ({ stage, expected: plan[index] === undefined ? 0 : expectedOf(stage.stage, plan[index]) })),
  );
  const doneSeconds = ended.reduce((sum, { stage, expected }) => sum + (isStored(stage) ? 0 : expected), 0);
  const isWarmUpStored = ended[0] !== undefined && isStored(ended[0].stage);
  const total =
    plan.reduce((sum, campaign) => sum + expectedSeconds(campaign), 0) + (isWarmUpStored ? 0 : EXPECTED['warm-up']);
  const endsMs = ended.map(({ stage: { endedAt } }) => (endedAt ? Date.parse(endedAt) : startedAtMs));
  const lastEndMs = Math.max(startedAtMs, ...endsMs);
  const speed = doneSeconds > 0 ? (lastEndMs - startedAtMs) / 1000 / doneSeconds : 1;
  return Math.max(0, (total - doneSeconds) * speed - (nowMs - lastEndMs) / 1000);
}
