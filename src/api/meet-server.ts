import { randomBytes } from 'node:crypto';
import { clientProof, equalSecrets, serverProof } from '../process/mutual-proof.ts';
import { ClientError } from './client-error.ts';

export interface ServerAccess {
  /** As the server knows it, e.g. `http://127.0.0.1:7420`. */
  readonly url: string;
  /** The token, or a function that reads it for each request, so that a rotated one takes effect. It is never sent. */
  readonly token: string | (() => Promise<string | undefined>);
}

/**
 * Lets the server prove that it knows the token.
 *
 * @returns the authorization header of the next request
 * @throws ClientError `unreachable` when something else has the server's port; TypeError when nothing answers
 */
export async function meetServer({ url, token: given }: ServerAccess, signal?: AbortSignal | null): Promise<string> {
  const nonce = randomBytes(32).toString('hex');
  const response = await fetch(`${url}/proof/${nonce}`, { redirect: 'error', signal: signal ?? null });
  const answer = (await response.json().catch(() => undefined)) as unknown;
  const { instance, proof } = (answer ?? {}) as Readonly<Record<string, unknown>>;
  const token = typeof given === 'string' ? given : await given();
  if (token !== undefined && typeof instance === 'string' && typeof proof === 'string') {
    const meeting = { token, address: new URL(url).host, instance };
    if (equalSecrets(proof, serverProof(meeting, nonce))) return `Whencode ${clientProof(meeting)}`;
  }
  throw new ClientError(
    'unreachable',
    `what listens at ${url} does not know the token of this home folder, so nothing was sent to it: another program has the port, or a control process of another version or home; restart \`whencode up\``,
  );
}
