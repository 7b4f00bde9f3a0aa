/**
 * Encrypts everything that goes through Temporal (AES-256-GCM). Temporal itself lets every user of the machine send tasks
 * and messages: only those that were encrypted with the key count.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import {
  type DataConverter,
  defaultPayloadConverter,
  type Payload,
  type PayloadCodec,
  type SerializationContext,
} from '@temporalio/common';
import { refusedPayload } from '../protocol/refused-payload.ts';
import type { PayloadKey } from './payload-key.ts';

const ENCODING = 'binary/whencode-encrypted';
const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const LENGTH_BYTES = 4;

/** Path of the module that SDK and workflow bundle load. */
export const FAILURE_CONVERTER = fileURLToPath(new URL('../protocol/failure-converter.cjs', import.meta.url));

/** What clients and workers need so that they encrypt payloads and the messages of failures. */
export const encryptingConverter = (key: PayloadKey): DataConverter => ({
  payloadCodecs: [createPayloadCodec(key)],
  failureConverterPath: FAILURE_CONVERTER,
});

/**
 * A payload is bound to its workflow or activity: a copy that somebody sends to another one is refused. `decode` does not
 * throw, since the SDK would retry for ever; it returns the mark of src/protocol/refused-payload.ts.
 */
export function createPayloadCodec(key: PayloadKey): PayloadCodec {
  return {
    encode: async (payloads, context) => payloads.map((payload) => encrypt(key, payload, purposeOf(context))),
    decode: async (payloads, context) =>
      payloads.map((payload) => {
        const found = decrypt(key, payload, purposeOf(context));
        return typeof found === 'string' ? defaultPayloadConverter.toPayload(refusedPayload(found)) : found;
      }),
  };
}

/**
 * Decrypts payloads for people who look at them in Temporal's pages, where nothing says to what a payload belongs: the
 * payload itself says it. Workers don't believe that, they know what they asked for.
 *
 * @returns unencrypted payloads unchanged, and in place of those that can't be read a sentence that says why
 */
export const decodeForPeople = (key: PayloadKey, payloads: readonly Payload[]): Payload[] =>
  payloads.map((payload) => {
    if (text(payload.metadata?.encoding) !== ENCODING) return payload;
    const { purpose } = payload.metadata ?? {};
    const found =
      purpose === undefined
        ? 'a version before codec servers made it, which does not say for what'
        : decrypt(key, payload, Buffer.from(purpose));
    return typeof found === 'string' ? defaultPayloadConverter.toPayload(`not shown: ${found}`) : found;
  });

const text = (bytes: Uint8Array | null | undefined): string => Buffer.from(bytes ?? []).toString();

function purposeOf(context: SerializationContext | undefined): Buffer {
  if (context === undefined) return Buffer.from('[]');
  const { type, workflowId = '' } = context;
  const activity = context.type === 'activity' ? [context.activityId ?? ''] : [];
  return Buffer.from(JSON.stringify([type, workflowId, ...activity]));
}

/** The data is nonce, ciphertext and tag; what the payload is for is readable, and protected by the tag. The plain text is the length of the metadata, the metadata, and the data. */
function encrypt({ secret, id }: PayloadKey, { metadata, data }: Payload, purpose: Buffer): Payload {
  const named = Object.entries(metadata ?? {}).map(([name, value]) => [name, Buffer.from(value).toString('base64')]);
  const header = Buffer.from(JSON.stringify(Object.fromEntries(named)));
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32BE(header.length);
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, secret, nonce).setAAD(purpose);
  const encrypted = [length, header, Buffer.from(data ?? [])].map((part) => cipher.update(part));
  return {
    metadata: { encoding: Buffer.from(ENCODING), key: Buffer.from(id), purpose },
    data: Buffer.concat([nonce, ...encrypted, cipher.final(), cipher.getAuthTag()]),
  };
}

/** The payload, or the reason why it is refused. */
function decrypt({ secret, id }: PayloadKey, { metadata, data }: Payload, purpose: Buffer): Payload | string {
  if (text(metadata?.encoding) !== ENCODING) return 'it is not encrypted, so no process of this installation sent it';
  if (text(metadata?.key) !== id)
    return `it is encrypted with another key than ${id}; every process of an installation needs the same payload key`;
  const bytes = Buffer.from(data ?? []);
  try {
    const decipher = createDecipheriv(CIPHER, secret, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES })
      .setAAD(purpose)
      .setAuthTag(bytes.subarray(-TAG_BYTES));
    const plain = Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
    const end = LENGTH_BYTES + plain.readUInt32BE();
    const header = JSON.parse(plain.toString('utf8', LENGTH_BYTES, end)) as Record<string, string>;
    const named = Object.entries(header).map(([name, value]) => [name, Buffer.from(value, 'base64')]);
    return { metadata: Object.fromEntries(named), data: plain.subarray(end) };
  } catch {
    return 'it is damaged, or was made for another workflow or activity';
  }
}
