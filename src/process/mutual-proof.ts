/**
 * Client and server of a home folder prove to each other that they know its token; neither sends it.
 *
 * Both proofs are HMACs under the token over the address that the client dials and a number that the server draws at
 * its start. A program that takes the port of a server that is gone can't answer the client's nonce. One that passes the
 * nonce on to the server at its new address gets a proof for that address, which the client refuses. What the client
 * sends afterwards is valid only for the process that has proved itself.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';

export interface Meeting {
  readonly token: string;
  /** `host:port` of the server, as in its URL. */
  readonly address: string;
  /** Number of the server's start, in hexadecimal digits. */
  readonly instance: string;
}

/** What the server shows to the client that sent the nonce. */
export const serverProof = (meeting: Meeting, nonce: string): string => sign(meeting, ['server', nonce]);

/** What the client shows to the server, in the place of the token. */
export const clientProof = (meeting: Meeting): string => sign(meeting, ['client']);

const sign = ({ token, address, instance }: Meeting, rest: readonly string[]): string =>
  createHmac('sha256', token)
    .update(JSON.stringify(['whencode', address, instance, ...rest]))
    .digest('hex');

/** Constant-time comparison. */
export function equalSecrets(given: string, expected: string): boolean {
  const [a, b] = [given, expected].map((text) => createHmac('sha256', 'compare').update(text).digest());
  return a !== undefined && b !== undefined && timingSafeEqual(a, b);
}
