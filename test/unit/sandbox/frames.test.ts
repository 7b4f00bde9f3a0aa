import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  AttachDecoder,
  encodeFrame,
  FrameDecoder,
  MAX_FRAME_BYTES,
  ProtocolError,
} from '../../../src/sandbox/frames.ts';

/** Cuts at the given places, in any order and number. */
function split(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return places.slice(1).map((end, i) => bytes.subarray(places[i], end));
}

it('frames arrive whole, wherever the stream was split', () => {
  fc.assert(
    fc.property(
      fc.array(fc.jsonValue(), { maxLength: 6 }),
      fc.array(fc.nat(500), { maxLength: 20 }),
      (messages, cuts) => {
        const decoder = new FrameDecoder();
        const found = split(Buffer.concat(messages.map(encodeFrame)), cuts).flatMap((chunk) => decoder.push(chunk));
        expect(JSON.stringify(found)).toBe(JSON.stringify(messages));
      },
    ),
  );
});

it('both streams of an attach arrive whole, wherever it was split', () => {
  const part = fc.tuple(fc.constantFrom('stdout', 'stderr'), fc.uint8Array({ maxLength: 40 }));
  fc.assert(
    fc.property(fc.array(part, { maxLength: 8 }), fc.array(fc.nat(300), { maxLength: 20 }), (parts, cuts) => {
      const wire = parts.map(([stream, data]) => {
        const head = Buffer.alloc(8);
        head[0] = stream === 'stdout' ? 1 : 2;
        head.writeUInt32BE(data.length, 4);
        return Buffer.concat([head, data]);
      });
      const decoder = new AttachDecoder();
      const found = split(Buffer.concat(wire), cuts).flatMap((chunk) => decoder.push(chunk));
      expect(found.map(({ stream, data }) => [stream, [...data]])).toEqual(parts.map(([s, data]) => [s, [...data]]));
    }),
  );
});

it('a frame that is too long, no JSON, or of no known stream is refused', () => {
  const long = Buffer.alloc(4);
  long.writeUInt32BE(MAX_FRAME_BYTES + 1);
  expect(() => new FrameDecoder().push(long)).toThrow(ProtocolError);
  expect(() => new FrameDecoder().push(Buffer.from('\0\0\0\x01{'))).toThrow(ProtocolError);
  expect(() => new AttachDecoder().push(Buffer.from([9, 0, 0, 0, 0, 0, 0, 0]))).toThrow(ProtocolError);
});
