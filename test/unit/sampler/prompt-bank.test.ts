import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { DecoderSession, Step } from '../../../src/sampler/engine/decoder-session.ts';
import { type Prompt, PromptBank } from '../../../src/sampler/engine/prompt-bank.ts';

const SHAPE = { layers: 2, kvHeads: 2, headDim: 4 };
const LENGTH = 5;

/** In place of the model: keys and values of a token are its id. */
const session = {
  run: async ({ rows, tokensPerRow, tokenIds }: Step) => {
    const ofTokens = (): Float32Array =>
      Float32Array.from({ length: rows * SHAPE.kvHeads * tokensPerRow * SHAPE.headDim }, (_, i) => {
        const place = Math.floor(i / SHAPE.headDim) % tokensPerRow;
        const row = Math.floor(i / (SHAPE.headDim * tokensPerRow * SHAPE.kvHeads));
        return tokenIds[row * tokensPerRow + place] ?? 0;
      });
    const layers = Array.from({ length: SHAPE.layers }, ofTokens);
    return { fresh: { tokensPerRow, keys: layers, values: layers } };
  },
} as unknown as DecoderSession;

const idsOf = (key: number): number[] => Array.from({ length: LENGTH + 1 }, (_, i) => key * 100 + i);

/** What a step of some rows sees of the bank: for each row, the ids behind the slot of its group. */
function seen(bank: PromptBank, prompts: readonly Prompt[]): Map<number, number[]> {
  const found = new Map<number, number[]>();
  const { reserved } = bank.buffer;
  const groups = bank.layOut(prompts);
  expect(bank.buffer.reserved).toBe(reserved);
  for (const [slot, rows] of groups.entries()) {
    // Nothing is computed for a prompt without live rows.
    expect(rows).not.toHaveLength(0);
    for (const row of rows) {
      expect(found.has(row)).toBe(false);
      expect(bank.slots[slot]).toBe(prompts[row]);
      const { keys } = bank.buffer.copyOut(slot, LENGTH);
      found.set(
        row,
        Array.from({ length: LENGTH }, (_, i) => keys[1]?.[i * SHAPE.headDim] ?? -1),
      );
    }
  }
  return found;
}

it('puts every row behind its own prompt, whatever is copied, kept, dropped and added', async () => {
  const change = fc.record({ key: fc.nat(7), live: fc.nat(20), kept: fc.nat(1) });
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 25 }), async (changes) => {
      const bank = new PromptBank(session, SHAPE);
      const live = new Map<number, number>();
      for (const { key, live: count, kept } of changes) {
        bank.compact();
        if (bank.find(`${key}`) === undefined) await bank.add([{ key: `${key}`, promptIds: idsOf(key) }]);
        live.set(key, count);
        const prompt = bank.find(`${key}`);
        if (prompt !== undefined) prompt.rows = count + kept;
        const keys = [...live].flatMap(([other, rows]) => new Array<number>(rows).fill(other));
        const prompts = keys.map((other) => bank.find(`${other}`)).filter((found) => found !== undefined);
        const found = seen(bank, prompts);
        expect(prompts.length).toBe(keys.length);
        for (const [row, other] of keys.entries()) expect(found.get(row)).toEqual(idsOf(other).slice(0, LENGTH));
      }
    }),
    { numRuns: 200 },
  );
});

it('copies into memory that is there, and gives copies up before prompts', async () => {
  const bank = new PromptBank(session, SHAPE);
  await bank.add([1, 2, 3].map((key) => ({ key: `${key}`, promptIds: idsOf(key) })));
  const { reserved } = bank.buffer;
  const [first, second, third] = bank.slots;
  if (first === undefined || second === undefined || third === undefined) throw new Error('a prompt is missing');
  for (const [prompt, rows] of [
    [first, 16],
    [second, 1],
    [third, 1],
  ] as const)
    prompt.rows = rows;
  expect(
    bank
      .layOut([...new Array<Prompt>(16).fill(first), second, third])
      .map((rows) => rows.length)
      .sort(),
  ).toEqual([1, 1, 8, 8]);
  expect(bank.buffer.reserved).toBe(reserved);
  expect(bank.sizeWith([]).slots).toBe(3);
  bank.trim();
  expect(bank.slots.length).toBe(3);
  expect(bank.buffer.reserved).toBeLessThan(reserved);
  // No memory is left for copies: as large as its largest prompt.
  expect(bank.layOut([...new Array<Prompt>(16).fill(first), second, third])).toHaveLength(3);
});
