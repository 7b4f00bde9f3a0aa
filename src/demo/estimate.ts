/** Estimates the remaining time of the demo: expected seconds per stage, scaled by the speed of this machine so far. */

import type { CampaignDetail, StageView } from '../db/views.ts';
import type { StageName } from '../protocol/stages.ts';

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

export interface DemoPlan {
  readonly iterations: number;
  readonly campaigns: number;
}

/** Without the warm-up, which runs once, or not at all where an earlier run left it in the store. */
function expectedSeconds({ iterations, campaigns }: DemoPlan): number {
  const { 'warm-up': _once, evaluate, ...stages } = EXPECTED;
  const iteration = Object.values(stages).reduce((sum, seconds) => sum + seconds, evaluate);
  return campaigns * (evaluate + iterations * iteration);
}

const isStored = ({ stage, seconds = 0 }: StageView): boolean =>
  stage === 'warm-up' && seconds < EXPECTED['warm-up'] / 20;

/** Seconds left at `nowMs`, from the campaigns seen so far, less the time that the running stage has taken. */
export function secondsLeft(
  plan: DemoPlan,
  campaigns: readonly CampaignDetail[],
  { startedAtMs, nowMs }: { readonly startedAtMs: number; readonly nowMs: number },
): number {
  const ended = campaigns
    .flatMap(({ iterations }) => iterations.flatMap(({ stages }) => stages))
    .filter(({ status }) => status === 'completed');
  const done = ended.filter((stage) => !isStored(stage));
  const doneSeconds = done.reduce((sum, { stage }) => sum + EXPECTED[stage], 0);
  const isWarmUpStored = ended[0] !== undefined && isStored(ended[0]);
  const total = expectedSeconds(plan) + (isWarmUpStored ? 0 : EXPECTED['warm-up']);
  const lastEndMs = Math.max(startedAtMs, ...ended.map(({ endedAt }) => (endedAt ? Date.parse(endedAt) : startedAtMs)));
  const speed = doneSeconds > 0 ? (lastEndMs - startedAtMs) / 1000 / doneSeconds : 1;
  return Math.max(0, (total - doneSeconds) * speed - (nowMs - lastEndMs) / 1000);
}
