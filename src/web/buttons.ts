/** The buttons of a campaign's page. They do what the API does, with the same checks. */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { CampaignDeps } from '../campaigns/deps.ts';
import {
  abortIteration,
  acceptFailures,
  pauseCampaign,
  resumeCampaign,
  retryIteration,
  stopCampaign,
} from '../campaigns/steer-campaign.ts';
import { parseAsked } from '../campaigns/use-case-error.ts';
import type { Request } from '../protocol/campaign-messages.ts';
import type { OpenStatus } from '../protocol/statuses.ts';

type Press = (deps: Pick<CampaignDeps, 'db' | 'gateway'>, id: string, request: Request) => Promise<unknown>;

const BUTTONS = {
  pause: pauseCampaign,
  resume: resumeCampaign,
  stop: (deps, id, request) => stopCampaign(deps, id, { ...request, when: 'now' }),
  retry: retryIteration,
  accept: acceptFailures,
  abort: abortIteration,
} as const satisfies Record<string, Press>;

export type Button = keyof typeof BUTTONS;

/** The buttons that a campaign has in each state. */
export const BUTTONS_OF: Readonly<Record<OpenStatus, readonly Button[]>> = {
  running: ['pause', 'stop'],
  paused: ['resume', 'stop'],
  blocked: ['retry', 'accept', 'abort'],
};

const pressed = z.object({
  action: z.enum(Object.keys(BUTTONS) as [Button, ...Button[]]),
  requestId: z.string().min(1).max(100).optional(),
});

/**
 * The ids of the requests that buttons send. All buttons that a campaign shows have one id until one of them has been
 * pressed, so a double click sends two requests with the same id, which the campaign does once.
 */
export class ButtonIds {
  readonly #ids = new Map<string, string>();

  /** The id for a form of the campaign. */
  idOf(campaignId: string): string {
    const id = this.#ids.get(campaignId) ?? randomUUID();
    this.#ids.set(campaignId, id);
    return id;
  }

  /** Forms from now on have another id. */
  renew(campaignId: string): void {
    this.#ids.delete(campaignId);
  }
}

/** @throws UseCaseError for a form that no page has sent, and whatever the campaign refuses */
export async function pressButton(
  deps: Pick<CampaignDeps, 'db' | 'gateway'>,
  ids: ButtonIds,
  campaignId: string,
  form: Readonly<Record<string, unknown>>,
): Promise<void> {
  const { action, requestId } = parseAsked(pressed, form, 'the form');
  // The page has one user: the holder of the token. An id is of one action, also where two buttons share it.
  const request = { by: 'page', ...(requestId === undefined ? {} : { id: `${requestId}/${action}` }) };
  await BUTTONS[action](deps, campaignId, request);
  ids.renew(campaignId);
}
