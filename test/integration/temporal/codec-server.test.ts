/** What Temporal's own tools show through the codec server. */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { defaultPayloadConverter } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readEnvironment } from '../../../src/config/environment.ts';
import { type CodecServer, startCodecServer } from '../../../src/temporal/codec-server.ts';
import { createPayloadCodec } from '../../../src/temporal/payload-codec.ts';
import { payloadKey } from '../../../src/temporal/payload-key.ts';
import { startTestServer, TEST_CONVERTER, TEST_KEY } from '../../support/temporal.ts';

const UI = 'http://localhost:8233';
let server: CodecServer;
let temporal: TestWorkflowEnvironment | undefined;

beforeAll(async () => {
  server = await startCodecServer(TEST_KEY, { ui: UI, port: 0 });
});
afterAll(async () => {
  await server.close();
  await temporal?.teardown();
});

const post = (url: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(url, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...headers },
  });

type PayloadJson = { readonly metadata: Record<string, string>; readonly data: string };
const toJson = (payload: { metadata?: Record<string, Uint8Array> | null; data?: Uint8Array | null }): PayloadJson => ({
  metadata: Object.fromEntries(
    Object.entries(payload.metadata ?? {}).map(([name, value]) => [name, Buffer.from(value).toString('base64')]),
  ),
  data: Buffer.from(payload.data ?? []).toString('base64'),
});
async function decoded(payload: PayloadJson): Promise<unknown> {
  const { payloads } = (await (await post(`${server.endpoint}/decode`, { payloads: [payload] })).json()) as {
    payloads: readonly PayloadJson[];
  };
  return JSON.parse(Buffer.from(payloads[0]?.data ?? '', 'base64').toString());
}
const sealedBy = async (key: typeof TEST_KEY): Promise<PayloadJson> => {
  const context = { type: 'workflow', namespace: 'whencode', workflowId: 'campaign/mine' } as const;
  const [sealed] = await createPayloadCodec(key).encode([defaultPayloadConverter.toPayload({ alpha: 8 })], context);
  return toJson(sealed ?? {});
};

test("Temporal's command line shows what a workflow was started with, and only through the endpoint", async () => {
  temporal = await startTestServer(TEST_CONVERTER);
  const workflowId = `campaign/${randomUUID()}`;
  await temporal.client.workflow.start('campaign', {
    workflowId,
    taskQueue: 'nobody',
    args: [{ campaignId: 'readable' }],
  });
  const { address } = (temporal.connection as unknown as { options: { address: string } }).options;
  const show = async (...more: readonly string[]): Promise<string> => {
    const at = ['--address', address, '--namespace', 'default', '--disable-config-file', '--output', 'json'];
    const command = ['workflow', 'show', '--workflow-id', workflowId, ...at, ...more];
    return (await promisify(execFile)(readEnvironment().temporal, command)).stdout;
  };
  // The command line writes payloads in base64.
  const readable = Buffer.from(JSON.stringify({ campaignId: 'readable' })).toString('base64');
  expect(await show()).not.toContain(readable);
  expect(await show('--codec-endpoint', server.endpoint)).toContain(readable);
});

test('own payloads are decrypted, those of another key or changed on the way are answered with the reason', async () => {
  const own = await sealedBy(TEST_KEY);
  expect(await decoded(own)).toEqual({ alpha: 8 });
  expect(await decoded(await sealedBy(payloadKey(Buffer.alloc(32, 9))))).toMatch(/not shown:.*another key/);
  const moved = Buffer.from(JSON.stringify(['workflow', 'campaign/other'])).toString('base64');
  expect(await decoded({ ...own, metadata: { ...own.metadata, purpose: moved } })).toMatch(/not shown: it is damaged/);
  const { purpose: _, ...older } = own.metadata;
  expect(await decoded({ ...own, metadata: older })).toMatch(/not shown: a version before/);
  const plain = toJson(defaultPayloadConverter.toPayload('plain'));
  expect(await decoded(plain)).toBe('plain');
});

test('without the secret of the address nothing is answered, and pages of other origins may not read', async () => {
  const own = { payloads: [await sealedBy(TEST_KEY)] };
  const { origin } = new URL(server.endpoint);
  expect((await post(`${origin}/decode`, own)).status).toBe(404);
  expect((await post(`${origin}/${'x'.repeat(32)}/decode`, own)).status).toBe(404);
  expect((await post(`${server.endpoint}/encode`, own)).status).toBe(404);
  expect((await post(`${server.endpoint}/decode`, { payloads: 'x' })).status).toBe(400);
  const allowed = async (page: string): Promise<string | null> =>
    (await post(`${server.endpoint}/decode`, own, { origin: page })).headers.get('access-control-allow-origin');
  expect(await allowed(UI)).toBe(UI);
  expect(await allowed('https://evil.example')).not.toBe('https://evil.example');
  const asked = await fetch(`${server.endpoint}/decode`, {
    method: 'OPTIONS',
    headers: {
      origin: UI,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-type,x-namespace',
    },
  });
  expect(asked.headers.get('access-control-allow-origin')).toBe(UI);
  expect(asked.headers.get('access-control-allow-private-network')).toBe('true');
});
