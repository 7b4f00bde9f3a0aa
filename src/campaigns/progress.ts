/** Speed of a campaign, and an estimate of its remaining time from the durations of finished stages. */

import type { CampaignDetail, IterationView, StageView } from '../db/views.ts';
import { STAGES, type StageName } from '../protocol/stages.ts';

export interface Throughput {
  readonly iteration: number;
  readonly rolloutsPerSecond: number;
  readonly tokensPerSecond: number;
}

/** Measured over the sample stage of the latest iteration with finished shards; undefined before the first one. */
export function throughputOf(campaign: CampaignDetail): Throughput | undefined {
  const iteration = campaign.iterations.findLast((item) => item.shardsDone > 0);
  const stage = iteration?.stages.find((item) => item.stage === 'sample');
  if (iteration === undefined || stage === undefined) return undefined;
  const until = stage.endedAt ?? iteration.lastShardAt;
  if (until === undefined) return undefined;
  const seconds = (Date.parse(until) - Date.parse(stage.startedAt)) / 1000;
  if (seconds <= 0) return undefined;
  return {
    iteration: iteration.iteration,
    rolloutsPerSecond: (iteration.counts.rollouts ?? 0) / seconds,
    tokensPerSecond: (iteration.counts.newTokens ?? 0) / seconds,
  };
}

const median = (values: readonly number[]): number | undefined => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
};

/** Median seconds of a finished stage over the iterations after the warm start. */
function usualSeconds(campaign: CampaignDetail, stage: StageName): number | undefined {
  return median(
    campaign.iterations.flatMap((iteration) =>
      iteration.iteration === 0 && stage !== 'evaluate'
        ? []
        : iteration.stages.filter((item) => item.stage === stage).flatMap((item) => item.seconds ?? []),
    ),
  );
}

const ITERATION_STAGES = STAGES.filter((stage) => stage !== 'warm-up');

/**
 * Remaining seconds. Undefined without an estimate: the campaign does not run, or no iteration has been trained.
 */
export function estimateSecondsLeft(campaign: CampaignDetail, nowMs: number): number | undefined {
  if (campaign.status !== 'running' || campaign.iterationsPlanned === undefined) return undefined;
  const usual = new Map(ITERATION_STAGES.map((stage) => [stage, usualSeconds(campaign, stage)]));
  if (usual.get('train') === undefined) return undefined;
  const whole = [...usual.values()].reduce<number>((sum, seconds) => sum + (seconds ?? 0), 0);
  const current = campaign.iterations.at(-1);
  if (current === undefined) return undefined;
  const afterCurrent = Math.max(0, campaign.iterationsPlanned - current.iteration) * whole;
  if (current.iteration === 0) return afterCurrent;
  const ofCurrent = ITERATION_STAGES.reduce((sum, stage) => {
    const view = current.stages.find((item) => item.stage === stage);
    return sum + stageSecondsLeft(view, current, usual.get(stage) ?? 0, nowMs);
  }, 0);
  return afterCurrent + ofCurrent;
}

function stageSecondsLeft(
  stage: StageView | undefined,
  iteration: IterationView,
  usualSeconds: number,
  nowMs: number,
): number {
  if (stage === undefined) return usualSeconds;
  if (stage.status !== 'running') return 0;
  const elapsed = Math.max(0, (nowMs - Date.parse(stage.startedAt)) / 1000);
  if (stage.stage === 'sample' && iteration.shardsDone > 0) {
    return (elapsed / iteration.shardsDone) * (iteration.shardsPlanned - iteration.shardsDone);
  }
  return Math.max(0, usualSeconds - elapsed);
}
