/**
 * What the encryption of Temporal payloads costs: median milliseconds to encrypt and decrypt one.
 *
 *   node --import tsx test/bench/payload-codec.ts
 */
import { defaultPayloadConverter, type SerializationContext } from '@temporalio/common';
import { createPayloadCodec } from '../../src/temporal/payload-codec.ts';
import { payloadKey } from '../../src/temporal/payload-key.ts';

const ROUNDS = 400;
const codec = createPayloadCodec(payloadKey(Buffer.alloc(32, 1)));
const context: SerializationContext = { type: 'workflow', namespace: 'whencode', workflowId: 'bench' };

for (const kilobytes of [1, 20, 100]) {
  const payload = defaultPayloadConverter.toPayload('x'.repeat(1000 * kilobytes));
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const from = performance.now();
    await codec.decode(await codec.encode([payload], context), context);
    times.push(performance.now() - from);
  }
  times.sort((a, b) => a - b);
  console.log(`${kilobytes} KB: ${(times[ROUNDS / 2] ?? 0).toFixed(3)} ms`);
}
