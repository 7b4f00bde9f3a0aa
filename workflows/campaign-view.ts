/** The answer to a campaign's status query: its initial value, and its change with the status. */
import type { CampaignInput } from '../src/protocol/campaign-input.ts';
import type { CampaignView } from '../src/protocol/campaign-messages.ts';
import type { CampaignStatus } from '../src/protocol/statuses.ts';

export function initialView(input: CampaignInput): CampaignView {
  const { campaignId, config, state, iterationsPlanned, forkedFrom, paused = false } = input;
  const iterationsDone = state?.iterationsDone ?? forkedFrom?.iteration ?? 0;
  return {
    campaignId,
    status: paused ? 'paused' : 'running',
    iteration: iterationsDone,
    attempt: 1,
    stage: 'plan',
    shardsDone: 0,
    shards: 0,
    iterationsDone,
    iterationsPlanned: iterationsPlanned ?? state?.iterationsPlanned ?? config.iterations,
    paused,
    ...(state?.head === undefined ? {} : { head: state.head }),
  };
}

/** The view with another status. A reason stays as long as its status, a failure as long as the campaign is blocked. */
export function withStatus(view: CampaignView, status: CampaignStatus, newReason?: string): CampaignView {
  const { reason: before, failure, ...rest } = view;
  const reason = newReason ?? (status === view.status ? before : undefined);
  return {
    ...rest,
    status,
    ...(reason === undefined ? {} : { reason }),
    ...(status === 'blocked' && failure !== undefined ? { failure } : {}),
  };
}
