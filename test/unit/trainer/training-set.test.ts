import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeTrainingSet, encodeTrainingSet } from '../../../src/trainer/training-set.ts';
import type { TrainingSequence, TrainingSet } from '../../../src/trainer/types.ts';

const SEQUENCE: TrainingSequence = {
  query: 0,
  ids: [1, 2, 3, 4],
  lossMask: [0, 0, 1, 1],
  behaviourLogProbs: [0, 0, -0.5, -0.25],
  advantage: 1.5,
};
const SET: TrainingSet = {
  queries: [{ promptIds: [1, 2], target: [0.25, 0.75] }, { promptIds: [9] }],
  sequences: [SEQUENCE],
  prefixIds: [[3], [5, 6]],
};
const withSequence = (changes: Partial<TrainingSequence>): TrainingSet => ({
  ...SET,
  sequences: [{ ...SEQUENCE, ...changes }],
});

const float = fc.float({ min: -50, max: 0, noNaN: true }).map((value) => (value === 0 ? 0 : value));
const id = fc.nat(50_000);
const sequence = (queries: number) =>
  fc
    .tuple(fc.nat(queries - 1), fc.array(fc.tuple(id, fc.constantFrom<0 | 1>(0, 1), float), { minLength: 1 }), float)
    .map(
      ([query, tokens, advantage]): TrainingSequence => ({
        query,
        ids: [7, ...tokens.map(([token]) => token), 8],
        lossMask: [0, ...tokens.map(([, mask]) => mask), 1],
        behaviourLogProbs: [0, ...tokens.map(([, , logProb]) => logProb), -1],
        advantage,
      }),
    );
const trainingSet = fc.integer({ min: 1, max: 5 }).chain((queries) =>
  fc.record({
    queries: fc.array(
      fc.oneof(
        fc.record({ promptIds: fc.array(id, { minLength: 1 }) }),
        fc.record({
          promptIds: fc.array(id, { minLength: 1 }),
          target: fc.constantFrom<readonly [number, number]>([0, 1], [0.5, 0.5], [0.75, 0.25]),
        }),
      ),
      { minLength: queries, maxLength: queries },
    ),
    sequences: fc.array(sequence(queries)),
    prefixIds: fc.constant<TrainingSet['prefixIds']>([[3], [5, 6]]),
  }),
);
/** The set with every pair of sequences of one query that the flags choose; without flags it has no pairs. */
const withPairs = (set: TrainingSet, flags: readonly boolean[] | undefined): TrainingSet => {
  if (flags === undefined) return set;
  const pairs = set.sequences.flatMap(({ query }, right) =>
    set.sequences.flatMap((other, wrong) =>
      other.query === query && right !== wrong ? [[right, wrong] as const] : [],
    ),
  );
  return { ...set, pairs: pairs.filter((_, at) => flags[at % flags.length] ?? true) };
};

describe('a training set', () => {
  it('comes back from its file as it went in, in equal bytes', () => {
    fc.assert(
      fc.property(trainingSet, fc.option(fc.array(fc.boolean()), { nil: undefined }), (plain, flags) => {
        const set = withPairs(plain, flags);
        const bytes = encodeTrainingSet(set);
        expect(decodeTrainingSet(bytes)).toEqual(set);
        expect(encodeTrainingSet(structuredClone(set)).equals(bytes)).toBe(true);
      }),
    );
  });

  it.each<[string, TrainingSet]>([
    ['query 2 is not one of the set', withSequence({ query: 2 })],
    ['lossMask has 3 entries for 4 tokens', withSequence({ lossMask: [0, 1, 1] })],
    ['behaviourLogProbs has 1 entries for 4 tokens', withSequence({ behaviourLogProbs: [0] })],
    ['must be finite and not above 0', withSequence({ behaviourLogProbs: [0, 0, Number.NaN, -1] })],
    ['must be finite and not above 0', withSequence({ behaviourLogProbs: [0, 0, 0.5, -1] })],
    ['advantage NaN is not finite', withSequence({ advantage: Number.NaN })],
    ['has no token to learn from', withSequence({ lossMask: [0, 0, 0, 0] })],
    ["first token can't be learnt from", withSequence({ lossMask: [1, 0, 0, 0] })],
    ['a token that is no token id', withSequence({ ids: [1, 2, 3, -4] })],
    ['must be two shares that sum to 1', { ...SET, queries: [{ promptIds: [1], target: [0.5, 0.6] }] }],
    ['must be two shares that sum to 1', { ...SET, queries: [{ promptIds: [1], target: [-0.5, 1.5] }] }],
    ['decision target but no prompt', { ...SET, queries: [{ promptIds: [], target: [0.5, 0.5] }] }],
    ['are not two sequences of one query', { ...SET, pairs: [[0, 0]] }],
    ['are not two sequences of one query', { ...SET, pairs: [[0, 1]] }],
    ['pair 0: 0 and 1 are not two', { ...SET, sequences: [SEQUENCE, { ...SEQUENCE, query: 1 }], pairs: [[0, 1]] }],
    ['need two different prefixes', { ...SET, prefixIds: [[], [1]] }],
    ['need two different prefixes', { ...SET, prefixIds: [[1], [1]] }],
  ])('is refused: %s', (reason, set) => {
    expect(() => encodeTrainingSet(set)).toThrow(reason);
  });

  it('that was cut short is refused, wherever the cut is', () => {
    const bytes = encodeTrainingSet(SET);
    for (const end of [0, 4, 100, bytes.byteLength - 1])
      expect(() => decodeTrainingSet(bytes.subarray(0, end))).toThrow();
  });

  it('of a foreign format is refused by name', () => {
    const bytes = encodeTrainingSet(SET);
    const foreign = Buffer.from(
      bytes.toString('latin1').replace('whencode-training-set', 'whencode-training-bed'),
      'latin1',
    );
    expect(() => decodeTrainingSet(foreign)).toThrow('whencode-training-bed');
  });
});
