/** How long the rest of the demo takes: a plan of expected seconds, scaled by what this machine has shown so far. */
import type { CampaignDetail } from '../db/views.ts';

/** Seconds per part, measured once on two cores; only their ratios matter after the first part is done. */
const EXPECTED = { warmUp: 130, evaluation: 6, iteration: 14 } as const;

export interface DemoPlan {
  readonly iterations: number;
  readonly campaigns: number;
}

/** A campaign's parts so far: seconds spent on parts that are done, and what they were expected to take. */
function doneParts(campaign: CampaignDetail): { spent: number; expected: number } {
  let spent = 0;
  let expected = 0;
  for (const iteration of campaign.iterations) {
    for (const stage of iteration.stages) {
      if (stage.status !== 'completed') continue;
      const plan =
        stage.stage === 'warm-up'
          ? EXPECTED.warmUp
          : stage.stage === 'evaluate'
            ? EXPECTED.evaluation
            : EXPECTED.iteration / 5;
      // A stage found in the store takes no time and says nothing about the machine, but it is done.
      spent += stage.seconds ?? 0;
      expected += plan;
    }
  }
  return { spent, expected };
}

/** Seconds left, from the campaigns seen so far and the seconds since the demo's main job began. */
export function secondsLeft(plan: DemoPlan, campaigns: readonly CampaignDetail[], elapsedSeconds: number): number {
  const perCampaign = EXPECTED.evaluation * (plan.iterations + 1) + EXPECTED.iteration * plan.iterations;
  const total = EXPECTED.warmUp + plan.campaigns * perCampaign;
  const done = campaigns.map(doneParts).reduce((sum, part) => sum + part.expected, 0);
  const remaining = Math.max(0, total - Math.min(done, total));
  const spent = campaigns.map(doneParts).reduce((sum, part) => sum + part.spent, 0);
  const speed = done > 0 && spent > 0 ? spent / done : 1;
  const sinceLastPart = Math.max(0, elapsedSeconds - spent);
  return Math.max(0, remaining * speed - sinceLastPart);
}
