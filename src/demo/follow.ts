/** Follows a campaign to its end and tells how far it is. */

import { type Client, ClientError } from '../api/client.ts';
import type { LiveStatus } from '../campaigns/gateway.ts';
import type { CampaignDetail } from '../db/views.ts';
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
export async function followCampaign(
  client: Client,
  id: string,
  onStep: (step: CampaignStep) => void,
): Promise<CampaignDetail> {
  let answeredAt = Date.now();
  for (;;) {
    try {
      const step = await client.showCampaign(id);
      answeredAt = Date.now();
      onStep(step);
      const { status, reason } = step.campaign;
      if (status === 'blocked' || status === 'failed') {
        throw new DemoFailure(
          `campaign ${id} is ${status}: ${reason ?? 'see the logs'}; \`whencode doctor\` checks every part`,
        );
      }
      if (status !== 'running' && status !== 'paused') return step.campaign;
    } catch (error) {
      const away = error instanceof ClientError && error.code === 'unreachable';
      if (!away || Date.now() - answeredAt > UNREACHABLE_MS) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
