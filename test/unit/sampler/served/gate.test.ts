import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createGate } from '../../../../src/sampler/served/gate.ts';

/** Work that ends when it is told to. */
function pending() {
  let end: () => void = () => undefined;
  const work = new Promise<void>((resolve) => {
    end = resolve;
  });
  return { work: () => work, end: () => end() };
}

test('never more than the limit is inside, heavier work alone, everything runs and in the order of its coming', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.integer({ min: 1, max: 12 }), fc.nat(2)), { maxLength: 20 }),
      async (works) => {
        const gate = createGate(8);
        let inside = 0;
        const begun: number[] = [];
        await Promise.all(
          works.map(([weight, rounds], at) =>
            gate(weight, undefined, async () => {
              begun.push(at);
              inside += weight;
              expect(inside <= 8 || inside === weight).toBe(true);
              for (let round = 0; round < rounds; round += 1) await Promise.resolve();
              inside -= weight;
            }),
          ),
        );
        expect(begun).toEqual(works.map((_, at) => at));
      },
    ),
  );
});

test('as many as fit are inside at the same time', async () => {
  const gate = createGate(8);
  const parts = [pending(), pending(), pending()];
  const begun: number[] = [];
  const all = parts.map((part, at) =>
    gate(4, undefined, () => {
      begun.push(at);
      return part.work();
    }),
  );
  await sleep(1);
  expect(begun).toEqual([0, 1]);
  for (const { end } of parts) end();
  await Promise.all(all);
});

test('a failure gives its place back, and who is aborted leaves the queue to those behind', async () => {
  const gate = createGate(2);
  await expect(gate(2, undefined, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  const first = pending();
  const running = gate(1, undefined, first.work);
  const giving = new AbortController();
  const heavy = gate(2, giving.signal, async () => 'heavy');
  const light = gate(1, undefined, async () => 'light');
  giving.abort(new Error('enough'));
  await expect(heavy).rejects.toThrow('enough');
  expect(await light).toBe('light');
  first.end();
  await running;
});
