import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { verdictOf } from '../verdict.ts';

const integer = fc.integer({ min: -99, max: 99 });
const size = fc.integer({ min: 1, max: 60 });
const value = fc.oneof(
  integer.map(String),
  fc.tuple(integer, size).map(([p, q]) => `\\frac{${p}}{${q + 1}}`),
  size.map((n) => `${n}\\sqrt{3}`),
  size.map((n) => `\\frac{${n}\\pi}{7}`),
);
const sign = fc.constantFrom(
  '<',
  '>',
  '\\le',
  '\\ge',
  '\\leq',
  '\\geq',
  '\\leqslant',
  '\\ne',
  '\\neq',
  '≠',
  '≤',
  '≥',
  '<=',
  '>=',
  '!=',
  '\\not=',
);

describe('a bound', () => {
  it('is never the number that it bounds', () => {
    fc.assert(
      fc.property(value, sign, fc.constantFrom('', 'x', 'n ', 'y'), (number, relation, name) => {
        expect(verdictOf(number, `\\boxed{${name}${relation} ${number}}`)).toBe('incorrect');
      }),
    );
  });

  it('without a name answers the same bound of a name', () => {
    fc.assert(
      fc.property(
        value,
        fc.constantFrom('<', '>', '\\le', '\\ge', '\\ne'),
        fc.constantFrom('<', '>', '\\le', '\\ge', '\\ne'),
        (number, a, b) => {
          expect(verdictOf(`x ${a} ${number}`, `\\boxed{${b} ${number}}`)).toBe(a === b ? 'correct' : 'incorrect');
        },
      ),
    );
  });
});

describe('and and or', () => {
  const words = [
    ['or', 'or'],
    ['\\text{ or }', 'or'],
    ['\\lor', 'or'],
    ['and', 'and'],
    ['\\text{ and }', 'and'],
    ['\\wedge', 'and'],
    ['\\land', 'and'],
  ] as const;

  it('mean what they say between inequalities', () => {
    fc.assert(
      fc.property(integer, size, fc.constantFrom(...words), (low, step, [word, meaning]) => {
        const high = low + step;
        const outside = `\\boxed{x<${low} ${word} x>${high}}`;
        const inside = `\\boxed{x>${low} ${word} x<${high}}`;
        const union = `(-\\infty,${low})\\cup(${high},\\infty)`;
        expect(verdictOf(union, outside)).toBe(meaning === 'or' ? 'correct' : 'incorrect');
        expect(verdictOf(`(${low},${high})`, inside)).toBe(meaning === 'and' ? 'correct' : 'incorrect');
        expect(verdictOf('\\mathbb{R}', inside)).toBe(meaning === 'or' ? 'correct' : 'incorrect');
        expect(verdictOf('\\emptyset', outside)).toBe(meaning === 'and' ? 'correct' : 'incorrect');
      }),
    );
  });
});

describe('named values', () => {
  const names = fc.constantFrom(
    ['x', 'y'],
    ['x', 'y', 'z'],
    ['a', 'b', 'c'],
    ['p', 'q'],
    ['m', 'n'],
    ['x_1', 'x_2'],
    ['a_1', 'a_2', 'a_3'],
  );
  const named = names.chain((list) =>
    fc.tuple(fc.constant(list), fc.uniqueArray(integer, { minLength: list.length, maxLength: list.length })),
  );

  it('make the tuple of their names, in whatever order they are written', () => {
    fc.assert(
      fc.property(named, fc.boolean(), ([list, values], isTurned) => {
        const pairs = list.map((name, k) => `${name}=${values[k]}`);
        const written = (isTurned ? [...pairs].reverse() : pairs).join(', ');
        expect(verdictOf(`(${values.join(',')})`, `\\boxed{${written}}`)).toBe('correct');
        expect(verdictOf(`(${[...values].reverse().join(',')})`, `\\boxed{${written}}`)).toBe('incorrect');
      }),
    );
  });

  it('with indices of one letter are solutions in any order', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(integer, { minLength: 2, maxLength: 4 }),
        fc.constantFrom('x', 't', 'z'),
        (values, letter) => {
          const written = [...values]
            .reverse()
            .map((number, k) => `${letter}_${k + 1}=${number}`)
            .join(',\\ ');
          expect(verdictOf(values.join(','), `\\boxed{${written}}`)).toBe('correct');
          expect(verdictOf([1000, ...values.slice(1)].join(','), `\\boxed{${written}}`)).toBe('incorrect');
        },
      ),
    );
  });
});

describe('sets by a condition', () => {
  it('without a bar are the condition', () => {
    fc.assert(
      fc.property(
        integer,
        fc.constantFrom('<', '>', '\\le', '\\ge'),
        fc.constantFrom('<', '>', '\\le', '\\ge'),
        (n, a, b) => {
          for (const form of [
            `\\{x ${b} ${n}\\}`,
            `\\{x \\mid x ${b} ${n}\\}`,
            `\\{x : x ${b} ${n}\\}`,
            `\\left\\{x\\in\\mathbb{R} \\mid x ${b} ${n}\\right\\}`,
          ])
            expect(verdictOf(`x ${a} ${n}`, `\\boxed{${form}}`)).toBe(a === b ? 'correct' : 'incorrect');
        },
      ),
    );
  });
});

describe('residues', () => {
  it('and the family of numbers that leave them are the same', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 40 }), integer, integer, (modulus, residue, steps) => {
        const gold = `n \\equiv ${residue} \\pmod{${modulus}}`;
        const same = residue + steps * modulus;
        expect(verdictOf(gold, `\\boxed{n = ${modulus}k + ${same}}`.replace('+ -', '- '))).toBe('correct');
        expect(verdictOf(gold, `\\boxed{${same} \\pmod{${modulus}}}`)).toBe('correct');
        expect(verdictOf(gold, `\\boxed{n = ${modulus}k + ${same + 1}}`.replace('+ -', '- '))).toBe('incorrect');
        expect(verdictOf(gold, `\\boxed{n = ${2 * modulus}k + ${same}}`.replace('+ -', '- '))).toBe('incorrect');
      }),
    );
  });
});
