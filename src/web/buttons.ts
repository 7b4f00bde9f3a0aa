/** The buttons of a campaign's page. They call the same use cases as the API, with the same checks. */
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

/** The buttons of a campaign by its status. */
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
 * The ids of the requests that buttons send. All buttons of a campaign share one id until one of them is pressed, so a
 * double click sends two requests with the same id, which the campaign handles once.
 */
export class ButtonIds {
  readonly #ids = new Map<string, string>();

  /** The id for a form of the campaign. */
  idOf(campaignId: string): string {
    const id = this.#ids.get(campaignId) ?? randomUUID();
    this.#ids.set(campaignId, id);
    return id;
  }

  /** Gives later forms a new id. */
  renew(campaignId: string): void {
    this.#ids.delete(campaignId);
  }
}

/** @throws UseCaseError for a form that is not of a page, and for a request that the campaign refuses */
export async function pressButton(
  deps: Pick<CampaignDeps, 'db' | 'gateway'>,
  ids: ButtonIds,
  campaignId: string,
  form: Readonly<Record<string, unknown>>,
): Promise<void> {
  const { action, requestId } = parseAsked(pressed, form, 'the form');
  // The page has one user: the holder of the token. The action is part of the request id, since buttons share an id.
  const request = { by: 'page', id: `${requestId ?? randomUUID()}/${action}` };
  await BUTTONS[action](deps, campaignId, request);
  ids.renew(campaignId);
}
