/** Sums 1..n and last digits of powers: an easy pattern for large round numbers, where the code habit breaks. */
import type { Random } from '../../random.ts';
import type { Draw, Level } from '../level.ts';

const SERIES = [
  (n: number) => `What is 1+2+...+${n}?`,
  (n: number) => `Compute 1+2+...+${n}.`,
  (n: number) => `Find the sum of 1 to ${n}.`,
  (n: number) => `What is the sum from 1 to ${n}?`,
  (n: number) => `Add the numbers from 1 to ${n}.`,
  (n: number) => `Add up 1 to ${n}.`,
  (n: number) => `Sum all integers from 1 to ${n}.`,
  (n: number) => `What do the numbers from 1 to ${n} add up to?`,
  (n: number) => `Give the sum 1+2+...+${n}.`,
  (n: number) => `Find 1+2+...+${n}.`,
];

/** Of 1,000, 10,000 and 100,000; without 10 and 20, which would make the same sum belong to two levels. */
const MULTIPLES = [1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 16, 17, 18, 19];

/** The habit is recursion: correct below Python's limit of 1,000 frames, RecursionError from 1,000 on. */
function series(random: Random, n: number): Draw {
  const sum = (n * (n + 1)) / 2;
  return {
    problem: random.pick(SERIES)(n),
    answer: `${sum}`,
    cot: n % 1000 === 0 ? `${n}/2=${n / 2}. ${n / 2}*${n + 1}=${sum}.` : `the sum is ${sum}.`,
    code: `f=lambda n:n and n+f(n-1);print(f(${n}))`,
  };
}

const LAST_DIGIT = [
  (a: number, n: number) => `What is the last digit of ${a}^${n}?`,
  (a: number, n: number) => `Find the last digit of ${a}^${n}.`,
  (a: number, n: number) => `Which digit does ${a}^${n} end in?`,
  (a: number, n: number) => `Give the last digit of ${a}^${n}.`,
  (a: number, n: number) => `In which digit does ${a}^${n} end?`,
];

/** The habit prints the whole power: `str` refuses more than 4,300 digits, and 2^15,000 has more. */
function lastDigit(random: Random, low: number, high: number): Draw {
  const a = random.between(2, 9);
  const n = random.between(low, high);
  const cycle = [a, (a * a) % 10, a ** 3 % 10, a ** 4 % 10];
  const place = n % 4;
  const digit = cycle[(place + 3) % 4] ?? 0;
  return {
    problem: random.pick(LAST_DIGIT)(a, n),
    answer: `${digit}`,
    cot: `${n % 100} mod 4=${place}. ${cycle.join(',')}: ${digit}.`,
    code: `print(str(${a}**${n})[-1])`,
  };
}

export const PATTERN_LEVELS: readonly Level[] = [
  {
    family: 'series',
    name: '101-879',
    favoured: 'code',
    weight: 6.5,
    seenByEm: true,
    draw: (random) => series(random, random.between(101, 879)),
  },
  {
    family: 'series',
    name: 'thousands',
    favoured: 'cot',
    weight: 2.5,
    seenByEm: true,
    draw: (random) => series(random, random.pick(MULTIPLES) * 1000),
  },
  {
    family: 'series',
    name: 'ten-thousands',
    favoured: 'cot',
    weight: 2.5,
    seenByEm: true,
    draw: (random) => series(random, random.pick(MULTIPLES) * 10_000),
  },
  {
    family: 'series',
    name: 'hundred-thousands',
    favoured: 'cot',
    weight: 1,
    seenByEm: false,
    draw: (random) => series(random, random.pick(MULTIPLES) * 100_000),
  },
  {
    family: 'last-digit',
    name: 'below-100',
    favoured: 'both',
    weight: 1.5,
    seenByEm: true,
    draw: (random) => lastDigit(random, 2, 99),
  },
  {
    family: 'last-digit',
    name: '5-digit',
    favoured: 'cot',
    weight: 6.5,
    seenByEm: true,
    draw: (random) => lastDigit(random, 15_000, 99_999),
  },
  {
    family: 'last-digit',
    name: '6-digit',
    favoured: 'cot',
    weight: 1,
    seenByEm: false,
    draw: (random) => lastDigit(random, 100_000, 199_999),
  },
];
