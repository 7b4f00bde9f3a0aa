/** Who asks a campaign to do something, and under which id: asked again with the same one, it is done once. */
import { randomUUID } from 'node:crypto';
import { hostname, userInfo } from 'node:os';
import type { Command } from 'commander';
import { type ApiClient, inPath } from '../api/client.ts';
import type { AskedBody } from '../api/requests.ts';
import { clientCommand } from './client-command.ts';

export interface RequestIdOption {
  readonly requestId?: string;
}

export const REQUEST_ID_OPTION = [
  '--request-id <id>',
  'asked twice with the same id, it is done once (for scripts; default: a new id)',
] as const;

export const askedBy = ({ requestId = randomUUID() }: RequestIdOption): AskedBody => ({
  by: whoAsks(),
  requestId,
});

/** e.g. `ada@lovelace` */
export const whoAsks = (): string => `${userName()}@${hostname()}`;

/** A process may run under a number that has no name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return 'unknown';
  }
}

/** What a signal sends: `param` and `json` of its route. */
export interface Asked {
  readonly param: { readonly id: string };
  readonly json: AskedBody;
}

/** Adds the request id and the action to a command whose argument is a campaign and whose body only says who asks. */
export function steeringCommand(
  command: Command,
  send: (api: ApiClient, asked: Asked) => Promise<unknown>,
  says: (id: string) => string,
): void {
  clientCommand(command.option(...REQUEST_ID_OPTION), (id: string, options: RequestIdOption) => async (api) => {
    const json = await send(api, { param: inPath({ id }), json: askedBy(options) });
    return { json, text: says(id) };
  });
}
