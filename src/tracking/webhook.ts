/** Notifies a webhook that a campaign waits for a person. Errors name the host alone: the rest of a URL may be a secret. */
import { lookup } from 'node:dns';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { ConfigError } from '../config/config-error.ts';
import type { WebhookInput } from '../protocol/activities.ts';

const ANSWER_LIMIT_MS = 10_000;

/**
 * Addresses that no listener of a person has: link-local ones, at which clouds hand out credentials, the other metadata
 * addresses of clouds, and those of no single machine. Loopback and private networks are allowed: the owner of the
 * campaign chose the URL, and a chat server is often there.
 */
const REFUSED = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['169.254.0.0', 16],
  ['224.0.0.0', 3],
  ['100.100.100.200', 32],
  ['168.63.129.16', 32],
  ['192.0.0.0', 24],
] as const)
  REFUSED.addSubnet(network, prefix);
for (const [network, prefix] of [
  ['::', 128],
  ['fe80::', 10],
  ['ff00::', 8],
  ['fd00:ec2::', 32],
] as const)
  REFUSED.addSubnet(network, prefix, 'ipv6');

/** Whether no webhook may be at the address. */
export const isRefusedAddress = (address: string): boolean =>
  REFUSED.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');

/** @throws Error if the webhook does not accept the message; the caller retries. Redirects are not followed. */
export async function postWebhook({ url, body }: WebhookInput, signal: AbortSignal): Promise<void> {
  const target = new URL(url);
  const { host } = target;
  const address = target.hostname.replace(/^\[|\]$/g, '');
  if (isIP(address) !== 0) requireAllowed(host, [address]);
  const post = target.protocol === 'https:' ? requestHttps : requestHttp;
  const limited = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_LIMIT_MS)]);
  const status = await new Promise<number>((resolve, reject) => {
    const options = {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      signal: limited,
      lookup: lookupAllowed(host),
      agent: false,
    } as const;
    const request = post(target, options, (response) => {
      response.destroy();
      resolve(response.statusCode ?? 0);
    });
    request.once('error', reject).end(JSON.stringify(body));
  }).catch((error: unknown) => {
    if (signal.aborted || error instanceof ConfigError) throw error;
    const code = error instanceof Error && 'code' in error ? `${error.code}` : 'no answer';
    throw new Error(`the webhook at ${host} can't be reached (${limited.aborted ? 'no answer in 10 s' : code})`);
  });
  if (status < 200 || status > 299) throw new Error(`the webhook at ${host} answered ${status}`);
}

/** Looks the name up and checks the addresses that are then connected to: a second look-up could find others. */
const lookupAllowed =
  (host: string): LookupFunction =>
  (name, options, done) =>
    lookup(name, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return done(error, []);
      try {
        requireAllowed(
          host,
          addresses.map(({ address }) => address),
        );
      } catch (refusal) {
        return done(refusal as Error, []);
      }
      const [first] = addresses;
      return options.all === true ? done(null, addresses) : done(null, first?.address ?? '', first?.family);
    });

function requireAllowed(host: string, addresses: readonly string[]): void {
  const refused = addresses.find(isRefusedAddress);
  if (refused === undefined) return;
  throw new ConfigError(
    `the webhook at ${host} has the address ${refused}, which is link-local, of a cloud's metadata or of no machine; none of these is called`,
  );
}
