import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { verdictOf } from '../verdict.ts';

const integer = fc.integer({ min: -99, max: 99 });
const positive = fc.integer({ min: 2, max: 99 });
const boxed = (text: string) => `\\boxed{${text}}`;

/** `gold` is answered by `printed`, and not by what `changed` prints. */
function check(gold: string, printed: string, changed: string): void {
  expect([gold, printed, verdictOf(gold, boxed(printed))]).toEqual([gold, printed, 'correct']);
  expect([gold, changed, verdictOf(gold, boxed(changed))]).toEqual([gold, changed, 'incorrect']);
}

const runs = { numRuns: 60 };

describe('what Python prints is read', () => {
  it('matrices of SymPy and NumPy', () => {
    const rows = fc
      .integer({ min: 1, max: 3 })
      .chain((width) =>
        fc.array(fc.array(integer, { minLength: width, maxLength: width }), { minLength: 2, maxLength: 3 }),
      );
    fc.assert(
      fc.property(rows, (cells) => {
        const print = (all: number[][]) => `[${all.map((row) => `[${row.join(', ')}]`).join(', ')}]`;
        const other = cells.map((row, k) => (k === 0 ? row.map((cell, j) => (j === 0 ? cell + 1 : cell)) : row));
        const gold = `\\begin{pmatrix}${cells.map((row) => row.join('&')).join('\\\\')}\\end{pmatrix}`;
        check(gold, `Matrix(${print(cells)})`, `Matrix(${print(other)})`);
        check(gold, `np.array(${print(cells)})`, `np.array(${print(other)})`);
        const spaced = `[${cells.map((row) => `[${row.join(' ')}]`).join('\n ')}]`;
        if ((cells[0]?.length ?? 0) > 1) expect(verdictOf(gold, boxed(spaced))).toBe('correct');
      }),
      runs,
    );
  });

  it('fractions and wrapped numbers', () => {
    fc.assert(
      fc.property(integer, positive, (p, q) => {
        fc.pre(p !== 0);
        const gold = `\\frac{${p}}{${q}}`;
        for (const name of ['Fraction', 'Rational', 'fractions.Fraction', 'sympy.Rational', 'mpq'])
          check(gold, `${name}(${p}, ${q})`, `${name}(${p + 1}, ${q})`);
        check(gold, `Fraction('${p}/${q}')`, `Fraction('${p}/${q + 1000}')`);
        for (const name of ['np.int64', 'np.float64', 'Integer', 'int', 'Decimal', 'np.int32'])
          check(`${p}`, `${name}(${p})`, `${name}(${p + 1})`);
        check(`${p}.25`, `Decimal('${p}.25')`, `Decimal('${p}.26')`);
      }),
      runs,
    );
  });

  it('complex numbers', () => {
    fc.assert(
      fc.property(integer, positive, (a, b) => {
        check(`${a}+${b}i`, `(${a}+${b}j)`, `(${a}-${b}j)`);
        check(`${a}-${b}i`, `${a} - ${b}*I`, `${a} + ${b}*I`);
        check(`${a}+${b}i`, `complex(${a}, ${b})`, `complex(${b}, ${a + 200})`);
      }),
      runs,
    );
  });

  it('intervals and unions of them', () => {
    const kinds = [
      ['Interval', '[', ']'],
      ['Interval.open', '(', ')'],
      ['Interval.Lopen', '(', ']'],
      ['Interval.Ropen', '[', ')'],
    ] as const;
    fc.assert(
      fc.property(
        integer,
        positive,
        fc.constantFrom(...kinds),
        fc.constantFrom(...kinds),
        (low, size, [name, open, close], [other]) => {
          const gold = `${open}${low},${low + size}${close}`;
          expect(verdictOf(gold, boxed(`${other}(${low}, ${low + size})`))).toBe(
            other === name ? 'correct' : 'incorrect',
          );
          const gap = `(-\\infty,${low}${close === ']' ? ']' : ')'}\\cup(${low + size},\\infty)`;
          const left = `Interval${close === ']' ? '' : '.open'}(-oo, ${low})`;
          check(gap, `Union(${left}, Interval.open(${low + size}, oo))`, `Union(${left}, Interval(${low + size}, oo))`);
        },
      ),
      runs,
    );
  });

  it('lists, sets and lists of tuples', () => {
    fc.assert(
      fc.property(fc.uniqueArray(integer, { minLength: 2, maxLength: 6 }), (values) => {
        const turned = [...values].reverse();
        const changed = [1000, ...values.slice(1)];
        for (const gold of [values.join(', '), `\\{${values.join(',')}\\}`]) {
          check(gold, `[${turned.join(', ')}]`, `[${changed.join(', ')}]`);
          check(gold, `{${turned.join(', ')}}`, `{${changed.join(', ')}}`);
          check(gold, `FiniteSet(${turned.join(', ')})`, `FiniteSet(${changed.join(', ')})`);
        }
        const pairs = (all: number[]) => all.map((value) => `(${value}, ${value + 1})`);
        check(pairs(values).join(','), `[${pairs(turned).join(', ')}]`, `[${pairs(changed).join(', ')}]`);
      }),
      runs,
    );
  });

  it('dictionaries of solutions, by name', () => {
    fc.assert(
      fc.property(integer, positive, (x, step) => {
        const y = x + step;
        check(`x=${x}, y=${y}`, `{x: ${x}, y: ${y}}`, `{x: ${y}, y: ${x}}`);
        check(`(${x}, ${y})`, `{y: ${y}, x: ${x}}`, `{y: ${x}, x: ${y}}`);
        check(`(${x}, ${y})`, `[{x: ${x}, y: ${y}}]`, `[{x: ${y}, y: ${x}}]`);
      }),
      runs,
    );
  });

  it('conditions joined by operators', () => {
    fc.assert(
      fc.property(integer, positive, (low, size) => {
        const high = low + size;
        const outside = `(-\\infty,${low})\\cup(${high},\\infty)`;
        check(outside, `(x < ${low}) | (${high} < x)`, `(x < ${low}) & (${high} < x)`);
        check(`(${low},${high})`, `(${low} < x) & (x < ${high})`, `(${low} < x) | (x < ${high})`);
        check(
          outside,
          `((-oo < x) & (x < ${low})) | ((${high} < x) & (x < oo))`,
          `((-oo < x) & (x <= ${low})) | ((${high} < x) & (x < oo))`,
        );
      }),
      runs,
    );
  });

  it('grouped digits', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1000, max: 10 ** 12 }), fc.constantFrom('_', "'", ',', '\\text{,}'), (n, mark) => {
        const group = (value: number) => String(value).replace(/\B(?=(\d{3})+$)/g, mark);
        check(String(n), group(n), group(n + 1));
      }),
      runs,
    );
  });
});
