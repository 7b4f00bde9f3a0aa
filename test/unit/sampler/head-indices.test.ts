import fc from 'fast-check';
import { expect, it } from 'vitest';
import { headIndices, type RowLayout } from '../../../src/sampler/engine/head-indices.ts';

interface Sizes {
  readonly kvHeads: number;
  readonly perKvHead: number;
  readonly tokensPerRow: number;
  /** Rows of each group. */
  readonly groupSizes: readonly number[];
  readonly seed: number;
}

const sizes: fc.Arbitrary<Sizes> = fc.record({
  kvHeads: fc.integer({ min: 1, max: 3 }),
  perKvHead: fc.integer({ min: 1, max: 4 }),
  tokensPerRow: fc.integer({ min: 1, max: 5 }),
  groupSizes: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 }),
  seed: fc.integer({ min: 1, max: 1000 }),
});

/** Rows dealt out to the groups in an order that the seed decides. */
function layoutOf({ groupSizes, tokensPerRow, seed }: Sizes): RowLayout {
  const rows = groupSizes.reduce((sum, size) => sum + size, 0);
  const order = Array.from({ length: rows }, (_, row) => row).sort((a, b) => Math.sin(a * seed) - Math.sin(b * seed));
  const perGroup = Math.max(2, ...groupSizes);
  const groupRows = new Int32Array(groupSizes.length * perGroup);
  const rowPlaces = new Int32Array(rows);
  for (const [group, size] of groupSizes.entries())
    for (let i = 0; i < size; i++) {
      const row = order.pop() ?? 0;
      groupRows[group * perGroup + i] = row;
      rowPlaces[row] = group * perGroup + i;
    }
  return { rows, tokensPerRow, groups: groupSizes.length, groupRows, rowPlaces };
}

it('brings every head of every token into each order, and back from the groups', () => {
  fc.assert(
    fc.property(sizes, (chosen) => {
      const { kvHeads, perKvHead, tokensPerRow: tokens } = chosen;
      const heads = kvHeads * perKvHead;
      const layout = layoutOf(chosen);
      const { rows } = layout;
      const indices = headIndices({ heads, kvHeads }, layout);
      const data = (name: string): number[] => Array.from(indices[name]?.data as Int32Array);
      /** Names each head of each token, in the order in which the product with the weights writes them. */
      const byToken = Array.from({ length: rows * tokens }, (_, t) =>
        [
          Array.from({ length: heads }, (_, h) => `q${h}`),
          Array.from({ length: kvHeads }, (_, h) => `k${h}`),
          Array.from({ length: kvHeads }, (_, h) => `v${h}`),
        ]
          .flat()
          .map((head) => `row ${Math.floor(t / tokens)} token ${t % tokens} ${head}`),
      ).flat();
      const gather = (from: readonly string[], name: string): string[] => data(name).map((at) => from[at] ?? 'nothing');

      const queries: string[] = [];
      const keys: string[] = [];
      for (let row = 0; row < rows; row++)
        for (let kvHead = 0; kvHead < kvHeads; kvHead++) {
          for (let token = 0; token < tokens; token++) keys.push(`row ${row} token ${token} k${kvHead}`);
          for (let g = 0; g < perKvHead; g++)
            for (let token = 0; token < tokens; token++)
              queries.push(`row ${row} token ${token} q${kvHead * perKvHead + g}`);
        }
      expect(gather(byToken, 'query_heads')).toEqual(queries);
      expect(gather(byToken, 'key_heads')).toEqual(keys);
      expect(gather(byToken, 'value_heads')).toEqual(keys.map((name) => name.replace(' k', ' v')));

      const grouped = gather(byToken, 'group_query_heads');
      expect(grouped).toEqual(gather(queries, 'scores_to_groups'));
      expect(gather(grouped, 'scores_to_rows')).toEqual(queries);
      expect(gather(grouped, 'context_to_tokens')).toEqual(byToken.filter((name) => name.includes('q')));
      // A group's stretch of a KV head holds that KV head's queries of that group's rows only.
      const stretch = grouped.length / layout.groups / kvHeads;
      for (const [i, name] of grouped.entries()) {
        const [, row, head] = /^row (\d+) token \d+ q(\d+)$/.exec(name) ?? [];
        const group = Math.floor(i / stretch / kvHeads);
        const perGroup = layout.groupRows.length / layout.groups;
        expect([...layout.groupRows.subarray(group * perGroup, (group + 1) * perGroup)]).toContain(Number(row));
        expect(Math.floor(Number(head) / perKvHead)).toBe(Math.floor(i / stretch) % kvHeads);
      }
    }),
    { numRuns: 60 },
  );
});
