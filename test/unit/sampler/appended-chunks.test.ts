import { expect, it } from 'vitest';
import { nextAppendedChunks } from '../../../src/sampler/engine/appended-chunks.ts';
import type { Prompt } from '../../../src/sampler/engine/prompt-bank.ts';

const prompt = (key: string): Prompt => ({ key, promptIds: [1, 2], length: 1, rows: 1 });
const [one, other] = [prompt('one'), prompt('other')];
const waiting = (tokens: number, of: Prompt) => ({
  row: { chunk: Array.from({ length: tokens }, (_, i) => i) },
  prompt: of,
});
const summary = (...rows: ReturnType<typeof waiting>[]): unknown => {
  const next = nextAppendedChunks(rows);
  return next && [next.start, next.tokensPerRow, next.pieces.map(({ length }) => length)];
};

it('feeds neighbours side by side if they have one prompt and are cut alike', () => {
  expect(summary(waiting(0, one), waiting(20, one), waiting(24, one), waiting(9, one))).toEqual([1, 24, [20, 24]]);
  expect(summary(waiting(20, one), waiting(20, other))).toEqual([0, 24, [20]]);
  expect(summary(waiting(20, one), waiting(0, one), waiting(20, one))).toEqual([0, 24, [20]]);
  expect(summary(waiting(0, one))).toBeUndefined();
});

it('feeds a long chunk in pieces, and no more at once than a prefill does', () => {
  expect(summary(waiting(300, one), waiting(130, one))).toEqual([0, 128, [128, 128]]);
  expect(summary(...Array.from({ length: 9 }, () => waiting(128, one)))).toEqual([0, 128, [128, 128, 128, 128]]);
});
