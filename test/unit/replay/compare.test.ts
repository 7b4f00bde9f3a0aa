import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { writeJsonLines } from '../../../src/formats/json-lines.ts';
import { compareLines } from '../../../src/replay/compare-lines.ts';
import { compareOutputs } from '../../../src/replay/compare-outputs.ts';
import { compareTokens, LOG_PROB_TOLERANCE } from '../../../src/replay/compare-tokens.ts';
import { compareValues, excerptsOf } from '../../../src/replay/compare-values.ts';
import { floatsOf } from '../../../src/replay/floats.ts';
import { writeRolloutFiles } from '../../../src/rollout/file.ts';
import type { Rollout } from '../../../src/rollout/types.ts';
import { letterTokenizer } from '../rollout/letter-tokenizer.ts';

const rollout = (sample: number, change: Partial<Rollout> = {}): Rollout => ({
  id: `sum#cot#${sample}`,
  problemId: 'sum',
  arm: 'cot',
  sample,
  seed: `0/1/sum/cot/${sample}`,
  promptIds: [1, 2, 3],
  prefixIds: [4],
  completionIds: [5, 6, 7],
  logProbs: [-0.5, -0.25, 0],
  modelMask: [1, 1, 0],
  blocks: [],
  state: 'completed',
  endReason: 'eos',
  ...change,
});

const filesOf = (...rollouts: Rollout[]) => writeRolloutFiles(rollouts, letterTokenizer);
const IDS = ['sum#cot#0', 'sum#cot#1'];

describe('tokens', () => {
  const whole = filesOf(rollout(0), rollout(1)).tokens;
  const against = (change: Partial<Rollout>) =>
    compareTokens(filesOf(rollout(0), rollout(1, change)).tokens, whole, IDS);

  test.each([
    [{ completionIds: [5, 9, 7] }, 'completionIds[1]', '9', '6'],
    [{ promptIds: [1, 2, 9] }, 'promptIds[2]', '9', '3'],
    [{ prefixIds: [9] }, 'prefixIds[0]', '9', '4'],
    [{ modelMask: [1, 1, 1] as const }, 'modelMask[2]', '1', '0'],
    [{ logProbs: [-0.5, -0.5, 0] }, 'logProbs[1]', '-0.5', '-0.25'],
    [{ completionIds: [5, 6], logProbs: [-0.5, -0.25], modelMask: [1, 1] as const }, 'completionIds.length', '2', '3'],
  ])('%o differ in %s of that rollout', (change, field, stored, now) => {
    expect(against(change)).toEqual({ output: 'tokens', item: 'rollout sum#cot#1', field, stored, now });
  });

  test('log-probs within the tolerance are a deviation, with its size, unless the stored bytes are damaged', () => {
    const found = against({ logProbs: [-0.5, -0.25 + LOG_PROB_TOLERANCE / 2, 0] });
    expect(found).toMatchObject({ deviation: { of: 'log-probs', allowed: LOG_PROB_TOLERANCE } });
    expect(against({})).toBeUndefined();
    const stored = filesOf(rollout(0, { logProbs: [-0.5, -0.250001, 0] })).tokens;
    const outputs = new Map([['tokens', { stored, now: filesOf(rollout(0)).tokens, isDamaged: true }]]);
    expect(compareOutputs(outputs, filesOf(rollout(0)).summary).difference?.field).toBe('logProbs[1]');
  });

  test('any one changed byte of stored tokens is named by its field, never an error and never overlooked', () => {
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const damaged = Buffer.from(whole);
        damaged[at] = (damaged[at] ?? 0) ^ flip;
        const found = compareTokens(damaged, whole, IDS, 0);
        expect(found).toMatchObject({ output: 'tokens', field: expect.stringMatching(/./) });
      }),
      { numRuns: 500 },
    );
  });
});

describe('lines', () => {
  const lines = [
    { id: 'a#cot#0', state: 'completed', segments: [{ by: 'model', text: 'so it is 12' }] },
    { id: 'a#cot#1', state: 'truncated', segments: [] },
  ];
  const whole = writeJsonLines(lines);

  test('the field is named where the line is still JSON', () => {
    const stored = Buffer.from(whole.toString().replace('is 12', 'is 13'));
    expect(compareLines('texts', stored, whole)).toEqual({
      output: 'texts',
      item: 'rollout a#cot#0',
      field: 'segments[0].text',
      stored: '"so it is 13"',
      now: '"so it is 12"',
    });
  });

  test('the field is named by what the line should be where it is not', () => {
    const stored = Buffer.from(whole.toString().replace('"truncated"', '"truncated!'));
    expect(compareLines('summary', stored, whole)).toMatchObject({ item: 'rollout a#cot#1', field: 'state' });
  });

  test('a line more or less is named by its rollout', () => {
    const fewer = writeJsonLines(lines.slice(0, 1));
    expect(compareLines('summary', fewer, whole)).toMatchObject({ item: 'rollout a#cot#1', stored: 'absent' });
    expect(compareLines('summary', whole, fewer)).toMatchObject({ item: 'rollout a#cot#1', now: 'absent' });
  });

  test('any one changed byte is named by its rollout', () => {
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 127 }), (at, flip) => {
        const damaged = Buffer.from(whole);
        damaged[at] = (damaged[at] ?? 0) ^ flip;
        const found = compareLines('texts', damaged, whole);
        expect(found?.item ?? '').toMatch(/^rollout a#cot#|^$/);
        expect(found?.field).toBeTruthy();
      }),
      { numRuns: 500 },
    );
  });
});

test('what others follow from is named first: tokens before the summary that was made of them', () => {
  const [left, right] = [filesOf(rollout(0, { completionIds: [5, 9, 7] })), filesOf(rollout(0))];
  const outputs = new Map(
    (['texts', 'summary', 'tokens'] as const).map((name) => [name, { stored: left[name], now: right[name] }]),
  );
  expect(compareOutputs(outputs, right.summary).difference).toMatchObject({
    output: 'tokens',
    field: 'completionIds[1]',
  });
});

test('sums of log-probs may deviate by a tolerance a token', () => {
  const [left, right] = [filesOf(rollout(0, { logProbs: [-0.5, -0.25005, 0] })), filesOf(rollout(0))];
  const outputs = new Map([['summary', { stored: left.summary, now: right.summary }]]);
  expect(compareOutputs(outputs, right.summary)).toMatchObject({ deviations: [{ of: 'sums of log-probs' }] });
});

test('two values are equal, or there is a path at which they are not', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (left, right) => {
      const isEqual = JSON.stringify(sorted(left)) === JSON.stringify(sorted(right));
      expect(compareValues(JSON.parse(JSON.stringify(left)), JSON.parse(JSON.stringify(right))) === undefined).toBe(
        isEqual,
      );
    }),
  );
});

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, sorted(item)]),
  );
}

test('long texts are shown around the place where they part', () => {
  const text = 'a'.repeat(200);
  expect(excerptsOf(`${text}b${text}`, `${text}c${text}`)).toEqual({
    stored: `…"${'a'.repeat(20)}b${'a'.repeat(39)}"…`,
    now: `…"${'a'.repeat(20)}c${'a'.repeat(39)}"…`,
  });
});

test('tensors of every type are read as numbers', () => {
  const bytes = (array: ArrayBufferView) => new Uint8Array(array.buffer);
  expect([...floatsOf('F32', bytes(Float32Array.of(1.5, -2)))]).toEqual([1.5, -2]);
  expect([...floatsOf('BF16', bytes(Uint16Array.of(0x3f80, 0xc000)))]).toEqual([1, -2]);
  expect([...floatsOf('F16', bytes(Uint16Array.of(0x3c00, 0xc000, 0x0001, 0x7c00)))]).toEqual([
    1,
    -2,
    2 ** -24,
    Number.POSITIVE_INFINITY,
  ]);
  expect([...floatsOf('I64', bytes(BigInt64Array.of(3n)))]).toEqual([3]);
});
