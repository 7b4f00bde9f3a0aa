/** How long the rest of the demo takes: a plan of expected seconds, scaled by what this machine has shown so far. */

import type { CampaignDetail, StageView } from '../db/views.ts';
import type { StageName } from '../protocol/stages.ts';

/** Seconds a stage, measured once on two cores; only their ratios matter after the first part is done. */
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

/** Without the warm-up, which is done once, and not even that where an earlier run left it in the store. */
function expectedSeconds({ iterations, campaigns }: DemoPlan): number {
  const { 'warm-up': _once, evaluate, ...stages } = EXPECTED;
  const iteration = Object.values(stages).reduce((sum, seconds) => sum + seconds, evaluate);
  return campaigns * (evaluate + iterations * iteration);
}

const isStored = ({ stage, seconds = 0 }: StageView): boolean =>
  stage === 'warm-up' && seconds < EXPECTED['warm-up'] / 20;

/** Seconds left at `nowMs`, from the campaigns seen so far; what the running stage has had is taken off. */
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
