import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { verdictOf } from '../verdict.ts';

const number = fc.integer({ min: 1, max: 359 });
const integer = fc.integer({ min: -50, max: 50 });
const boxed = (text: string) => `\\boxed{${text}}`;

describe('writings of one thing', () => {
  it('degrees', () => {
    const forms = [
      '^\\circ',
      '^{\\circ}',
      '°',
      '^o',
      '^{o}',
      '^{\\mathrm{o}}',
      '^\\text{o}',
      '{}^\\circ',
      ' {}^{\\circ}',
      '\\textdegree',
      '\\degree',
      ' \\text{ deg}',
      ' degrees',
      '\\text{ degrees}',
    ];
    fc.assert(
      fc.property(number, fc.constantFrom(...forms), (n, mark) => {
        for (const gold of [`${n}`, `${n}^\\circ`]) {
          expect([mark, verdictOf(gold, boxed(`${n}${mark}`))]).toEqual([mark, 'correct']);
          expect([mark, verdictOf(gold, boxed(`${n + 1}${mark}`))]).toEqual([mark, 'incorrect']);
        }
      }),
    );
  });

  it('times with the part of the day in words, and of 24 hours', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 11 }),
        fc.integer({ min: 10, max: 59 }),
        fc.boolean(),
        (hour, minute, isMorning) => {
          const gold = `${hour}:${minute} \\text{ ${isMorning ? 'a' : 'p'}.m.}`;
          const [english, han] = isMorning ? ['morning', '上午'] : ['afternoon', '下午'];
          const [otherEnglish, otherHan] = isMorning ? ['afternoon', '下午'] : ['morning', '上午'];
          const late = hour + 12;
          const writings = [
            `${hour}:${minute} in the ${english}`,
            `${han}${hour}:${minute}`,
            `${han}${hour}点${minute}分`,
          ];
          const ofFullDay = [`${late}h${minute}`, `${late}:${minute} Uhr`];
          for (const writing of writings) expect(verdictOf(gold, writing), writing).toBe('correct');
          expect(verdictOf(gold, `${hour}:${minute} Uhr`)).toBe(isMorning ? 'correct' : 'incorrect');
          for (const writing of ofFullDay)
            expect(verdictOf(gold, writing), writing).toBe(isMorning ? 'incorrect' : 'correct');
          for (const writing of [
            `${hour}:${minute} in the ${otherEnglish}`,
            `${otherHan}${hour}:${minute}`,
            `${han}${hour}点${minute - 1}分`,
          ])
            expect(verdictOf(gold, writing), writing).toBe('incorrect');
        },
      ),
    );
  });

  it('units as fractions', () => {
    const units = [
      ['km', 'h', 'm', 's'],
      ['m', 's', 'km', 'h'],
      ['g', 'cm^3', 'kg', 'm^3'],
      ['kg', 'm^3', 'kg', 'cm^3'],
    ] as const;
    const set = (font: string, unit: string) => {
      const [name = '', power] = unit.split('^');
      return `\\${font}{${name}}${power === undefined ? '' : `^${power}`}`;
    };
    fc.assert(
      fc.property(
        number,
        fc.constantFrom(...units),
        fc.constantFrom('text', 'mathrm'),
        (n, [above, below, otherAbove, otherBelow], font) => {
          const answer = `${n}\\ \\frac{${set(font, above)}}{${set(font, below)}}`;
          expect([answer, verdictOf(`${n} \\text{ ${above}/${below}}`, boxed(answer))]).toEqual([answer, 'correct']);
          expect(verdictOf(`${n}`, boxed(answer))).toBe('correct');
          const other = `${n}\\ \\frac{${set(font, otherAbove)}}{${set(font, otherBelow)}}`;
          if (above !== 'g') expect(verdictOf(`${n} \\text{ ${above}/${below}}`, boxed(other))).toBe('incorrect');
        },
      ),
    );
  });

  it('plus and minus', () => {
    fc.assert(
      fc.property(
        integer,
        number,
        fc.constantFrom('±', '+/-', '+-', '\\pm', '+ / -', ' plus or minus '),
        (a, b, sign) => {
          expect([sign, verdictOf(`${a} \\pm ${b}`, boxed(`${a}${sign}${b}`))]).toEqual([sign, 'correct']);
          expect(verdictOf(`${a} \\pm ${b}`, boxed(`${a}${sign}${b + 1}`))).toBe('incorrect');
          expect(verdictOf(`\\pm ${b}`, boxed(`${sign}${b}`.trim()))).toBe('correct');
        },
      ),
    );
  });

  it('HTML entities', () => {
    const signs = [
      ['&lt;', '<'],
      ['&gt;', '>'],
      ['&le;', '\\le'],
      ['&ge;', '\\ge'],
      ['&#60;', '<'],
      ['&#x3e;', '>'],
      ['&amp;lt;', '<'],
    ] as const;
    fc.assert(
      fc.property(integer, fc.constantFrom(...signs), fc.constantFrom(...signs), (n, [entity, sign], [, other]) => {
        expect(verdictOf(`x ${entity} ${n}`, boxed(`x ${other} ${n}`))).toBe(sign === other ? 'correct' : 'incorrect');
        expect(verdictOf(`x ${other} ${n}`, boxed(`x ${entity} ${n}`))).toBe(sign === other ? 'correct' : 'incorrect');
      }),
    );
    fc.assert(
      fc.property(number, (n) => {
        expect(verdictOf(`&minus;${n}`, boxed(`-${n}`))).toBe('correct');
        expect(verdictOf(`&minus;${n}`, boxed(`${n}`))).toBe('incorrect');
        expect(verdictOf(`<p>${n}&nbsp;cm</p>`, boxed(`${n} cm`))).toBe('correct');
      }),
    );
  });

  it('marks that point at a value', () => {
    fc.assert(
      fc.property(
        integer,
        fc.constantFrom(
          '\\therefore ',
          '\\Rightarrow ',
          '\\implies ',
          '\\to ',
          '\\text{exactly } ',
          '\\text{Answer: }',
          '{\\tt ',
          '\\bf ',
        ),
        (n, mark) => {
          const close = mark.startsWith('{') ? '}' : '';
          expect([mark, verdictOf(`${n}`, boxed(`${mark}${n}${close}`))]).toEqual([mark, 'correct']);
          expect(verdictOf(`${n}`, boxed(`${mark}${n + 1}${close}`))).toBe('incorrect');
        },
      ),
    );
  });

  it('one value twice', () => {
    fc.assert(
      fc.property(integer, fc.constantFrom(2, 4, 5, 8), fc.constantFrom(' or ', '\\text{ or }', ', '), (p, q, word) => {
        fc.pre(p % q !== 0);
        expect(verdictOf(`\\frac{${p}}{${q}}`, boxed(`\\frac{${p}}{${q}}${word}${p / q}`))).toBe('correct');
        expect(verdictOf(`\\frac{${p}}{${q}}`, boxed(`\\frac{${p}}{${q}}${word}${p / q + 1}`))).toBe('incorrect');
      }),
    );
  });
});

describe('matrix arithmetic', () => {
  const cells = fc.tuple(integer, integer, integer, integer);
  const write = ([a, b, c, d]: readonly number[], font = 'pmatrix') =>
    `\\begin{${font}}${a}&${b}\\\\${c}&${d}\\end{${font}}`;
  it('is carried out', () => {
    fc.assert(
      fc.property(cells, cells, fc.integer({ min: 2, max: 9 }), (m, n, k) => {
        const scaled = m.map((cell) => cell * k);
        const pairs = [
          [write(scaled), `${k}${write(m)}`],
          [write(m), `\\frac{1}{${k}}${write(scaled, 'bmatrix')}`],
          [write(m), `${write(scaled)}/${k}`],
          [write(m.map((cell) => -cell)), `-${write(m)}`],
          [write(m.map((cell, j) => cell + (n[j] ?? 0))), `${write(m)}+${write(n)}`],
          [write(m.map((cell, j) => cell - (n[j] ?? 0))), `${write(m)} - ${write(n)}`],
          [write([m[0], m[2], m[1], m[3]]), `${write(m)}^T`],
        ] as const;
        const isNoMultiple = m.some((cell) => cell !== 0);
        fc.pre(isNoMultiple);
        for (const [gold, answer] of pairs)
          expect([gold, answer, verdictOf(gold, boxed(answer))]).toEqual([gold, answer, 'correct']);
        expect(verdictOf(write(scaled), boxed(`${k + 1}${write(m)}`))).toBe('incorrect');
      }),
      { numRuns: 50 },
    );
  });

  it('reaches tuples', () => {
    fc.assert(
      fc.property(integer, integer, fc.integer({ min: 2, max: 9 }), (a, b, k) => {
        fc.pre(a !== 0);
        expect(verdictOf(`(${k * a},${k * b})`, boxed(`${k}(${a},${b})`))).toBe('correct');
        expect(verdictOf(`(${a},${b}),(${-a},${-b})`, boxed(`\\pm(${a},${b})`))).toBe('correct');
        expect(verdictOf(`(${a},${b}),(${-a},${-b})`, boxed(`\\pm(${a},${b + 1})`))).toBe('incorrect');
      }),
    );
  });
});
