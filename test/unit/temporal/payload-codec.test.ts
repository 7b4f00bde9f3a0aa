import {
  ApplicationFailure,
  defaultFailureConverter,
  defaultPayloadConverter,
  type Payload,
  type SerializationContext,
} from '@temporalio/common';
import { decodeFailure, encodeErrorToFailure } from '@temporalio/common/lib/internal-non-workflow/codec-helpers.js';
import { loadDataConverter } from '@temporalio/common/lib/internal-non-workflow/data-converter-helpers.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { refusalOf } from '../../../src/protocol/refused-payload.ts';
import { createPayloadCodec, encryptingConverter } from '../../../src/temporal/payload-codec.ts';
import { payloadKey } from '../../../src/temporal/payload-key.ts';

const key = payloadKey(Buffer.alloc(32, 1));
const codec = createPayloadCodec(key);
const workflow = (workflowId: string): SerializationContext => ({
  type: 'workflow',
  namespace: 'whencode',
  workflowId,
});
const activity = (workflowId: string, activityId: string): SerializationContext => ({
  type: 'activity',
  namespace: 'whencode',
  workflowId,
  activityId,
  isLocal: false,
});

const seal = async (value: unknown, context?: SerializationContext): Promise<Payload> => {
  const [sealed] = await codec.encode([defaultPayloadConverter.toPayload(value)], context);
  if (sealed === undefined) throw new Error('one payload in, one out');
  return sealed;
};
const open = async (payload: Payload, context?: SerializationContext, by = codec): Promise<unknown> => {
  const [opened] = await by.decode([payload], context);
  return defaultPayloadConverter.fromPayload(opened as Payload);
};
const refusal = async (payload: Payload, context?: SerializationContext, by = codec) =>
  refusalOf(await open(payload, context, by));

describe('the payload codec', () => {
  it('gives back every value, and nothing of it is readable on the way', async () => {
    await fc.assert(
      fc.asyncProperty(fc.option(fc.jsonValue(), { nil: undefined }), async (value) => {
        const plain = value === undefined ? undefined : JSON.parse(JSON.stringify(value));
        expect(await open(await seal(plain, workflow('w')), workflow('w'))).toEqual(plain);
      }),
    );
    const secret = 'a secret of some length';
    expect(Buffer.from((await seal({ secret })).data ?? []).includes(secret)).toBe(false);
    expect((await seal(secret)).data).not.toEqual((await seal(secret)).data);
  });

  it('takes payloads as the SDK hands them over: without bytes, or with an empty array for none', async () => {
    for (const data of [undefined, null, [] as unknown as Uint8Array]) {
      const metadata = { encoding: Buffer.from('binary/null') };
      const [sealed] = await codec.encode([{ metadata, ...(data === undefined ? {} : { data }) }]);
      expect(await open(sealed as Payload)).toBeUndefined();
    }
  });

  it('refuses what is plain, damaged, or of another key, by name, and throws at nothing', async () => {
    const sealed = await seal({ by: 'me' }, workflow('w'));
    const bytes = Buffer.from(sealed.data ?? []);
    expect(await refusal(defaultPayloadConverter.toPayload({ by: 'me' }), workflow('w'))).toMatch(/not encrypted/);
    const other = createPayloadCodec(payloadKey(Buffer.alloc(32, 2)));
    expect(await refusal(sealed, workflow('w'), other)).toMatch(/another key.*the same payload key/);
    for (let at = 0; at < bytes.length; at += 1) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(await refusal({ ...sealed, data: changed }, workflow('w'))).toMatch(/damaged/);
      expect(await refusal({ ...sealed, data: bytes.subarray(0, at) }, workflow('w'))).toMatch(/damaged/);
    }
    await fc.assert(
      fc.asyncProperty(
        fc.option(fc.dictionary(fc.string(), fc.uint8Array()), { nil: null }),
        fc.option(fc.uint8Array({ maxLength: 60 }), { nil: null }),
        fc.boolean(),
        async (metadata, data, claims) => {
          const named = claims ? { ...metadata, ...sealed.metadata } : metadata;
          expect(await refusal({ metadata: named, data }, workflow('w'))).toBeDefined();
        },
      ),
    );
  });

  it.each([
    ['another workflow', workflow('w'), workflow('v')],
    ['an activity of the workflow', workflow('w'), activity('w', '1')],
    ['another activity', activity('w', '1'), activity('w', '2')],
    ['an activity without a workflow', activity('w', '1'), activity('', '1')],
    ['a place without a name', workflow('w'), undefined],
    ['a workflow, of a place without a name', undefined, workflow('w')],
  ])('refuses a copy for %s', async (_what, from, to) => {
    const sealed = await seal({ by: 'me' }, from);
    expect(await open(sealed, from)).toEqual({ by: 'me' });
    expect(await refusal(sealed, to)).toMatch(/made for another/);
  });

  it('hides messages and stack traces of failures, with all causes, and gives them back', async () => {
    const converter = loadDataConverter(encryptingConverter(key));
    const cause = new Error('inner secret');
    const failure = ApplicationFailure.create({
      message: 'outer secret',
      type: 'bad-input',
      details: ['third'],
      cause,
    });
    const encoded = await encodeErrorToFailure(converter, failure, workflow('w'));
    expect(JSON.stringify(encoded)).not.toMatch(/secret|third/);
    expect(Buffer.from(JSON.stringify(encoded)).toString('latin1')).not.toContain('payload-codec.test');
    const decoded = await decodeFailure(converter.payloadCodecs, encoded, workflow('w'));
    const error = converter.failureConverter.failureToError(decoded, converter.payloadConverter);
    expect(error).toMatchObject({ message: 'outer secret', type: 'bad-input', details: ['third'] });
    expect(error.cause).toMatchObject({ message: 'inner secret' });
    // A failure that the server made is plain.
    const plain = { message: 'timed out', timeoutFailureInfo: {} };
    expect(defaultFailureConverter.failureToError(plain, converter.payloadConverter).message).toBe('timed out');
  });
});
