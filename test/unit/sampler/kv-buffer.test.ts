import fc from 'fast-check';
import { expect, it } from 'vitest';
import { KvBuffer } from '../../../src/sampler/engine/kv-buffer.ts';

const SHAPE = { layers: 2, kvHeads: 2, headDim: 3 };

/** Keys and values of `count` tokens, appended apart by `mark`. */
function tokens(count: number, mark: number) {
  const numbers = (start: number): Float32Array[] =>
    Array.from({ length: SHAPE.layers }, (_, layer) =>
      Float32Array.from(
        { length: SHAPE.kvHeads * count * SHAPE.headDim },
        (_, i) => mark * 1000 + start + layer * 100 + i,
      ),
    );
  return { tokensPerRow: count, keys: numbers(0), values: numbers(500) };
}

const change = fc.record({
  slots: fc.integer({ min: 4, max: 9 }),
  places: fc.integer({ min: 5, max: 12 }),
  kind: fc.constantFrom('reshape', 'reserve more', 'reserve what is used', 'move'),
});

it('keeps what is in its slots while it grows, shrinks and gives memory back', () => {
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 12 }), (changes) => {
      const buffer = new KvBuffer(SHAPE, 'suffix');
      buffer.reshape(4, 5, 0);
      const held = [1, 2, 3, 4].map((mark) => tokens(5, mark));
      for (const [slot, kv] of held.entries()) buffer.append(slot, 0, kv, 0, 5);
      for (const { slots, places, kind } of changes) {
        if (kind === 'reshape') buffer.reshape(slots, places, 4);
        else if (kind === 'reserve more') buffer.reserve(buffer.reserved + slots * places, 4);
        else if (kind === 'reserve what is used') buffer.reserve(buffer.slots * buffer.places, 4);
        else {
          buffer.move(slots % 4, places % 4);
          held[places % 4] = held[slots % 4] ?? tokens(5, 0);
        }
        expect(buffer.reserved).toBeGreaterThanOrEqual(buffer.slots * buffer.places);
        for (const [slot, kv] of held.entries()) expect(buffer.copyOut(slot, 5)).toEqual(kv);
        const fed = buffer.feeds(0, buffer.slots)['suffix.1.value'];
        expect(fed?.dims).toEqual([buffer.slots, SHAPE.kvHeads, 1, buffer.places, SHAPE.headDim]);
        expect(Array.from((fed?.data ?? []) as Float32Array).slice(0, 15)).toEqual(
          Array.from(held[0]?.values[1] ?? []).slice(0, 15),
        );
      }
    }),
    { numRuns: 100 },
  );
});
