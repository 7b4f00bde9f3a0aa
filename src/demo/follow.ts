/** Follows a campaign to its end and reports how far it is. */

import { ask, type Client, ClientError, inPath } from '../api/client.ts';
import type { LiveStatus } from '../campaigns/gateway.ts';
import type { CampaignDetail } from '../db/views.ts';
import { follow } from '../process/follow.ts';
import { isOpenStatus } from '../protocol/statuses.ts';
import { DemoFailure } from './failure.ts';

const POLL_MS = 500;
/** A control process that was killed is back within seconds; longer means that the stack is gone. */
const UNREACHABLE_MS = 60_000;

export interface CampaignStep {
  readonly campaign: CampaignDetail;
  readonly live?: LiveStatus;
}

/**
 * Resolves with the ended campaign. Throws when it is blocked or failed, with its reason: a demo has no operator. A
 * control process that is away for a while is asked again.
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
