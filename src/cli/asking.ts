/** Who asks a campaign to do something, and under which id: asked again with the same one, it is done once. */
import { randomUUID } from 'node:crypto';
import { hostname, userInfo } from 'node:os';
import type { AskedBody } from '../api/requests.ts';

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
