/** Follows a campaign to its end and reports its progress. */

import { ask, type Client, inPath } from '../api/client.ts';
import { ClientError } from '../api/client-error.ts';
import type { LiveStatus } from '../campaigns/gateway.ts';
import type { CampaignDetail } from '../db/views.ts';
import { follow } from '../process/follow.ts';
import { isOpenStatus } from '../protocol/statuses.ts';
import { DemoFailure } from './failure.ts';

const POLL_MS = 500;
/** A killed control process is back within seconds; a longer absence means that the stack is gone. */
const UNREACHABLE_MS = 60_000;

export interface CampaignStep {
  readonly campaign: CampaignDetail;
  readonly live?: LiveStatus;
}

/**
 * Resolves with the ended campaign. Tolerates a control process that is away for a while.
 * @throws DemoFailure with the reason when the campaign is blocked or failed, because a demo has no operator
 */
export function followCampaign(
  client: Client,
  id: string,
  onStep: (step: CampaignStep) => void,
): Promise<CampaignDetail> {
  return follow({
    ask: () => ask(client.api.campaigns[':id'].$get({ param: inPath({ id }) })),
    endOf: (step) => {
      onStep(step);
      const { status, reason } = step.campaign;
      if (status === 'blocked' || status === 'failed')
        throw new DemoFailure(
          `campaign ${id} is ${status}: ${reason ?? 'see the logs'}; \`whencode doctor\` checks every part`,
        );
      return isOpenStatus(status) ? undefined : step.campaign;
    },
    pause: POLL_MS,
    mayPass: (error) => error instanceof ClientError && error.code === 'unreachable',
    awayLimitMs: UNREACHABLE_MS,
    retryMs: POLL_MS,
  });
}
