/** A codec server: decrypts what Temporal's own pages and its command line show. */
import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import type { Payload } from '@temporalio/common';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { cors } from 'hono/cors';
import { z } from 'zod';
import { equalSecrets } from '../process/mutual-proof.ts';
import { decodeForPeople } from './payload-codec.ts';
import type { PayloadKey } from './payload-key.ts';

export interface CodecServer {
  /** What Temporal's tools are given. Who knows it can decrypt. */
  readonly endpoint: string;
  close(): Promise<void>;
}

const MAX_BODY_BYTES = 16 * 1024 * 1024;
const HOST = '127.0.0.1';

/** Bytes in base64, as in Temporal's JSON. */
const bodySchema = z.object({
  payloads: z
    .array(z.object({ metadata: z.record(z.string(), z.base64()).default({}), data: z.base64().default('') }))
    .default([]),
});

/**
 * Listens on this machine alone. The address holds a secret, since Temporal's pages send none of their own.
 *
 * @param options.ui - Origin of the pages that may ask, e.g. `http://localhost:8233`
 * @param options.port - 0 = a free one
 */
export async function startCodecServer(
  key: PayloadKey,
  options: { readonly ui: string; readonly port: number },
): Promise<CodecServer> {
  const secret = randomBytes(24).toString('base64url');
  const app = new Hono();
  // A page of the internet asks a server of this machine: browsers want its consent.
  app.use(async (context, next) => {
    await next();
    context.header('access-control-allow-private-network', 'true');
    context.header('cache-control', 'no-store');
  });
  app.use(cors({ origin: options.ui, allowMethods: ['POST'], allowHeaders: ['content-type', 'x-namespace'] }));
  app.post('/:secret/decode', bodyLimit({ maxSize: MAX_BODY_BYTES }), async (context) => {
    if (!equalSecrets(context.req.param('secret'), secret)) return context.notFound();
    const body = bodySchema.safeParse(await context.req.json().catch(() => undefined));
    if (!body.success) return context.json({ message: 'the body is no list of payloads' }, 400);
    const payloads = decodeForPeople(key, body.data.payloads.map(fromJson));
    return context.json({ payloads: payloads.map(toJson) });
  });
  const server = createAdaptorServer({ fetch: app.fetch });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, HOST, () => resolve());
  });
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://${HOST}:${port}/${secret}`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

type PayloadJson = z.infer<typeof bodySchema>['payloads'][number];

const fromJson = ({ metadata, data }: PayloadJson): Payload => ({
  metadata: mapValues(metadata, (value) => new Uint8Array(Buffer.from(value, 'base64'))),
  data: new Uint8Array(Buffer.from(data, 'base64')),
});

const toJson = ({ metadata, data }: Payload): PayloadJson => ({
  metadata: mapValues(metadata ?? {}, toBase64),
  data: toBase64(data ?? new Uint8Array()),
});

const toBase64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

const mapValues = <From, To>(values: Readonly<Record<string, From>>, map: (value: From) => To): Record<string, To> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, map(value)]));
