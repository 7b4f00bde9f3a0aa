import { describe, expect, it } from 'vitest';
import { canonicalTurns, keptKeyOf } from '../../../src/sampler/engine/kept-key.ts';

describe('turns in one spelling', () => {
  it.each([
    [[], []],
    [[{ written: 0, appended: 0 }], []],
    [
      [
        { written: 3, appended: 0 },
        { written: 4, appended: 2 },
      ],
      [{ written: 7, appended: 2 }],
    ],
    [
      [
        { written: 3, appended: 1 },
        { written: 0, appended: 2 },
        { written: 1, appended: 0 },
      ],
      [
        { written: 3, appended: 3 },
        { written: 1, appended: 0 },
      ],
    ],
    [[{ written: 0, appended: 2 }], [{ written: 0, appended: 2 }]],
  ])('%j is %j', (turns, canonical) => {
    expect(canonicalTurns(turns)).toEqual(canonical);
  });
});

it('keys differ wherever prompt, tokens or turns differ', () => {
  const turns = [{ written: 2, appended: 0 }];
  const keys = [
    keptKeyOf([1], [2, 3], turns),
    keptKeyOf([1, 2], [3], [{ written: 1, appended: 0 }]),
    keptKeyOf([1], [2, 4], turns),
    keptKeyOf([1], [2, 3], [{ written: 1, appended: 1 }]),
  ];
  expect(new Set(keys).size).toBe(keys.length);
  expect(keptKeyOf([1], [2, 3], turns)).toBe(keys[0]);
});
