import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plainTimes, wholeTime } from '../../../../src/grader/normalise/clock-times.ts';
import { verdict } from '../extract/arbitraries.ts';

const HOURS = 'one two three four five six seven eight nine ten eleven twelve'.split(' ');
const STUNDEN = 'eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf'.split(' ');
const two = (n: number): string => String(n).padStart(2, '0');
const next = (hours: number): number => (hours % 12) + 1;

/** Writings of a time behind noon, of any minute. */
const DIGITAL: readonly ((hours: number, minutes: number) => string)[] = [
  (h, m) => `${h}:${two(m)} pm`,
  (h, m) => `${h}.${two(m)} p.m.`,
  (h, m) => `${h + 12}:${two(m)}`,
  (h, m) => `${h + 12}.${two(m)} Uhr`,
  (h, m) => `${h + 12} Uhr ${two(m)}`,
  (h, m) => `${h + 12} h ${two(m)}`,
  (h, m) => `${h}点${m}分`,
  (h, m) => `${h + 12}時${m}分`,
  (h, m) => `下午${h}点${two(m)}分`,
  (h, m) => `오후 ${h}시 ${m}분`,
  (h, m) => `${h}:${two(m)} de la tarde`,
  (h, m) => `${h}:${two(m)} in the afternoon`,
];
const HALF_PAST: readonly ((hours: number) => string)[] = [
  (h) => `half past ${HOURS[h - 1]}`,
  (h) => `half past ${h} in the afternoon`,
  (h) => `halb ${STUNDEN[next(h) - 1]}`,
  (h) => `下午${h}点半`,
];
const QUARTERS: readonly ((hours: number) => readonly [string, number])[] = [
  (h) => [`quarter past ${HOURS[h - 1]}`, 15],
  (h) => [`a quarter to ${HOURS[next(h) - 1]}`, 45],
  (h) => [`Viertel nach ${STUNDEN[h - 1]}`, 15],
  (h) => [`Viertel vor ${STUNDEN[next(h) - 1]}`, 45],
  (h) => [`twenty to ${HOURS[next(h) - 1]}`, 40],
  (h) => [`${h}点一刻`, 15],
];

const hours = fc.integer({ min: 1, max: 11 });
const gold = (h: number, m: number, half = 'p.m.'): string => `${h}:${two(m)} \\text{ ${half}}`;

describe('a time of the day', () => {
  it('is read in every writing, bare and announced, and is no other time', () => {
    fc.assert(
      fc.property(hours, fc.integer({ min: 1, max: 59 }), fc.constantFrom(...DIGITAL), (h, m, write) => {
        for (const response of [write(h, m), `The answer is ${write(h, m)}.`, `\\boxed{\\text{${write(h, m)}}}`])
          expect([
            response,
            verdict(gold(h, m), response),
            verdict(gold(h, (m + 7) % 60), response),
            verdict(gold(next(h), m), response),
          ]).toEqual([response, 'correct', 'incorrect', 'incorrect']);
      }),
      { numRuns: 200 },
    );
  });

  it('is read in words', () => {
    fc.assert(
      fc.property(hours, fc.constantFrom(...HALF_PAST), fc.constantFrom(...QUARTERS), (h, half, quarter) => {
        const [words, minutes] = quarter(h);
        for (const [text, m] of [
          [half(h), 30],
          [words, minutes],
        ] as const)
          for (const response of [text, `The answer is ${text}.`])
            expect([response, verdict(gold(h, m), response), verdict(gold(next(h), m), response)]).toEqual([
              response,
              'correct',
              'incorrect',
            ]);
      }),
      { numRuns: 100 },
    );
  });

  it.each(['in the morning', 'a.m.', 'утра', 'du matin', 'de la mañana'])('keeps its half of the day: %s', (half) => {
    for (let h = 1; h < 12; h++) {
      expect([h, verdict(gold(h, 30, 'a.m.'), `${h}:30 ${half}`)]).toEqual([h, 'correct']);
      expect([h, verdict(gold(h, 30), `${h}:30 ${half}`)]).toEqual([h, 'incorrect']);
    }
  });

  it('of noon and midnight is one of twelve', () => {
    for (const noon of ['noon', '12 noon', 'midday', '12:00 pm', 'Mittag', 'midi', '正午', 'They meet at noon.'])
      expect([noon, verdict('noon', noon), verdict('midnight', noon)]).toEqual([noon, 'correct', 'incorrect']);
    for (const midnight of ['midnight', '12:00 am', 'minuit', '0:00', '午夜'])
      expect([midnight, verdict('midnight', midnight), verdict('noon', midnight)]).toEqual([
        midnight,
        'correct',
        'incorrect',
      ]);
  });

  it.each(['3 hours and 30 minutes', '3小时30分钟', '3 h', 'after half past three', 'not 3:30 pm', 'ten minutes'])(
    'is no duration and nothing that is only near it: %s',
    (response) => {
      expect(verdict(gold(3, 30), response)).toBe('incorrect');
    },
  );

  it('is looked for only where the gold is one', () => {
    expect(wholeTime('half past three')).toBeUndefined();
    expect(wholeTime('half past three in the afternoon')).toBe('3:30 pm');
    expect(wholeTime('\\frac{1}{2}')).toBeUndefined();
    expect(verdict('\\frac{1}{2}', 'half past three')).toBe('incorrect');
  });

  it.each(['one ', '1 ', 'half past ', '12:', '3点', 'quarter to one ', 'a.m. '])(
    'is looked for in linear time: %s',
    (piece) => {
      const start = process.cpuUsage();
      plainTimes(piece.repeat(20_000).slice(0, 19_990));
      expect(process.cpuUsage(start).user / 1000).toBeLessThan(400);
    },
  );
});
