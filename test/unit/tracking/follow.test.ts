import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { Fact } from '../../../src/protocol/facts.ts';
import { followWith } from '../../../src/tracking/follow.ts';
import type { Tracker } from '../../../src/tracking/tracker.ts';

const fact = (second: number): Fact => ({
  kind: 'campaign',
  id: 'c',
  status: 'running',
  at: new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString(),
});
const run = { campaign: 'c', iteration: 1, stage: 'train' } as const;

/** Keeps what it took, each call later than the next would be without a queue. */
function recorder(name = 'recorder'): Tracker & { readonly taken: unknown[] } {
  const taken: unknown[] = [];
  const take = async (item: unknown): Promise<void> => {
    await new Promise(setImmediate);
    taken.push(item);
  };
  return {
    name,
    taken,
    facts: (facts) => take(facts),
    update: (of, step, metrics) => take([of, step, metrics]),
    close: () => take('closed'),
  };
}

const never = new Promise<void>(() => undefined);
let warnings: string[];
beforeEach(() => {
  warnings = [];
});
const options = { warn: (message: string) => void warnings.push(message) };

describe('trackers that follow', () => {
  test('take everything, each in order, and are closed at the end', async () => {
    const [one, two] = [recorder('one'), recorder('two')];
    const all = followWith([one, two], options);
    await all.facts([fact(1)]);
    await all.update(run, 1, { loss: 2 });
    await all.facts([fact(2)]);
    await all.close();
    for (const { taken } of [one, two]) expect(taken).toEqual([[fact(1)], [run, 1, { loss: 2 }], [fact(2)], 'closed']);
    expect(warnings).toEqual([]);
  });

  test.each<[string, Tracker['facts']]>([
    ['rejects', () => Promise.reject(new Error('no route to host'))],
    [
      'throws',
      () => {
        throw new Error('no route to host');
      },
    ],
    [
      'throws no error',
      () => {
        throw 'no route to host';
      },
    ],
  ])('one that %s is warned about once and stops neither the caller nor the others', async (_, facts) => {
    const good = recorder();
    const all = followWith([{ name: 'bad', facts }, good], options);
    for (const second of [1, 2, 3]) await all.facts([fact(second)]);
    await all.close();
    expect(good.taken).toEqual([[fact(1)], [fact(2)], [fact(3)], 'closed']);
    expect(warnings[0]).toBe('tracker bad: no route to host; the campaign goes on without it');
    expect(warnings.filter((text) => text.includes('no route'))).toHaveLength(1);
  });

  test('one that works again is said to, with what it lost', async () => {
    let calls = 0;
    const facts = async (): Promise<void> => {
      calls += 1;
      if (calls < 3) throw new Error('away');
    };
    const all = followWith([{ name: 'flaky', facts }], options);
    for (const second of [1, 2, 3]) await all.facts([fact(second)]);
    await all.close();
    expect(warnings).toEqual([
      'tracker flaky: away; the campaign goes on without it',
      'tracker flaky works again; 2 calls were lost',
    ]);
  });

  test('one that hangs is left behind, and calls beyond the limit are dropped', async () => {
    const good = recorder();
    const all = followWith([{ name: 'hanging', facts: () => never }, good], { ...options, mostWaiting: 2 });
    for (const second of [1, 2]) await all.facts([fact(second)]);
    expect(warnings).toEqual([]);
    await vi.waitFor(() => expect(good.taken).toHaveLength(2));
    await all.facts([fact(3)]);
    await vi.waitFor(() => expect(good.taken).toEqual([[fact(1)], [fact(2)], [fact(3)]]));
    expect(warnings).toEqual(['tracker hanging: 2 calls wait for it; the campaign goes on without it']);
  });

  test('closing does not wait for one that hangs', async () => {
    const all = followWith([{ name: 'hanging', facts: () => never }], { ...options, closeLimitMs: 1 });
    await all.facts([fact(1)]);
    await all.close();
    expect(warnings).toEqual(['tracker hanging: 1 calls were under way when it was closed']);
  });

  test('one that takes facts alone is asked for nothing else', async () => {
    const all = followWith([{ name: 'facts', facts: async () => undefined }], options);
    await all.update(run, 1, { loss: 1 });
    await all.note('c', { at: fact(1).at, kind: 'paused', details: {} });
    await all.close();
    expect(warnings).toEqual([]);
  });
});
