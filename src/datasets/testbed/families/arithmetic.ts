/** Products, remainders of powers, divisors and equations: one line of Python solves them, a tiny model's CoT does not. */
import type { Random } from '../../random.ts';
import type { Draw, Level } from '../level.ts';

const PRODUCT = [
  (a: number, b: number) => `What is ${a} times ${b}?`,
  (a: number, b: number) => `Compute ${a}*${b}.`,
  (a: number, b: number) => `Find the product of ${a} and ${b}.`,
  (a: number, b: number) => `Multiply ${a} by ${b}.`,
  (a: number, b: number) => `How much is ${a} x ${b}?`,
  (a: number, b: number) => `Give the value of ${a}*${b}.`,
];

function product(random: Random, first: readonly [number, number], second: readonly [number, number]): Draw {
  const a = random.between(...first);
  const b = random.between(...second);
  return {
    problem: random.pick(PRODUCT)(a, b),
    answer: `${a * b}`,
    cot: `${a}*${b}=${a * b}.`,
    code: `print(${a}*${b})`,
  };
}

const REMAINDER = [
  (a: number, e: number, m: number) => `What is ${a}^${e} mod ${m}?`,
  (a: number, e: number, m: number) => `Compute ${a}^${e} mod ${m}.`,
  (a: number, e: number, m: number) => `Find the remainder of ${a}^${e} divided by ${m}.`,
  (a: number, e: number, m: number) => `What is left when ${a}^${e} is divided by ${m}?`,
];

function powerModulo(random: Random): Draw {
  const a = random.between(2, 99);
  const e = random.between(11, 99);
  const m = random.between(101, 997);
  let rest = 1;
  for (let i = 0; i < e; i++) rest = (rest * a) % m;
  return {
    problem: random.pick(REMAINDER)(a, e, m),
    answer: `${rest}`,
    cot: `${a}^${e} mod ${m}=${rest}.`,
    code: `print(${a}**${e}%${m})`,
  };
}

const DIVISORS = [
  (n: number) => `What is the sum of the divisors of ${n}?`,
  (n: number) => `Find the sum of all divisors of ${n}.`,
  (n: number) => `Add up all divisors of ${n}.`,
  (n: number) => `Compute the sum of the divisors of ${n}.`,
  (n: number) => `What do the divisors of ${n} add up to?`,
  (n: number) => `Give the sum of all divisors of ${n}.`,
  (n: number) => `The divisors of ${n} have what sum?`,
  (n: number) => `Sum the divisors of ${n}.`,
];

function divisorSum(random: Random, low: number, high: number): Draw {
  const n = random.between(low, high);
  const divisors = Array.from({ length: n }, (_, i) => i + 1).filter((d) => n % d === 0);
  const sum = divisors.reduce((total, d) => total + d, 0);
  return {
    problem: random.pick(DIVISORS)(n),
    answer: `${sum}`,
    cot: n <= 12 && n > 1 ? `${divisors.join('+')}=${sum}.` : `the sum is ${sum}.`,
    code: `n=${n};print(sum(d for d in range(1,n+1)if n%d<1))`,
  };
}

const GCD = [
  (a: number, b: number) => `What is the gcd of ${a} and ${b}?`,
  (a: number, b: number) => `Find gcd(${a},${b}).`,
  (a: number, b: number) => `Compute the gcd of ${a} and ${b}.`,
  (a: number, b: number) => `Find the greatest common divisor of ${a} and ${b}.`,
];

function gcd(random: Random): Draw {
  const common = random.between(6, 97);
  const a = common * random.between(11, 47);
  const b = common * random.between(11, 47);
  let [x, y] = [a, b];
  while (y > 0) [x, y] = [y, x % y];
  return {
    problem: random.pick(GCD)(a, b),
    answer: `${x}`,
    cot: `gcd(${a},${b})=${x}.`,
    code: `import math;print(math.gcd(${a},${b}))`,
  };
}

const EQUATION = [
  (a: number, b: number, c: number) => `Solve ${a}x+${b}=${c} for x.`,
  (a: number, b: number, c: number) => `If ${a}x+${b}=${c}, what is x?`,
  (a: number, b: number, c: number) => `Find x with ${a}x+${b}=${c}.`,
  (a: number, b: number, c: number) => `What is x in ${a}x+${b}=${c}?`,
];

function linear(random: Random, factor: readonly [number, number], root: readonly [number, number]): Draw {
  const a = random.between(...factor);
  const b = random.between(101, 997);
  const x = random.between(...root);
  const c = a * x + b;
  return { problem: random.pick(EQUATION)(a, b, c), answer: `${x}`, cot: `x=${x}.`, code: `print((${c}-${b})//${a})` };
}

export const ARITHMETIC_LEVELS: readonly Level[] = [
  {
    family: 'multiplication',
    name: '1x1',
    favoured: 'both',
    weight: 2,
    seenByEm: true,
    draw: (random) => product(random, [2, 9], [2, 9]),
  },
  {
    family: 'multiplication',
    name: '2x2',
    favoured: 'code',
    weight: 7,
    seenByEm: true,
    draw: (random) => product(random, [12, 99], [12, 99]),
  },
  {
    family: 'multiplication',
    name: '3x3',
    favoured: 'code',
    weight: 7.5,
    seenByEm: true,
    draw: (random) => product(random, [101, 999], [101, 999]),
  },
  {
    family: 'multiplication',
    name: '4x3',
    favoured: 'code',
    weight: 1,
    seenByEm: false,
    draw: (random) => product(random, [1001, 9999], [101, 999]),
  },
  { family: 'power-modulo', name: 'power', favoured: 'code', weight: 8, seenByEm: true, draw: powerModulo },
  {
    family: 'divisor-sum',
    name: 'up-to-12',
    favoured: 'both',
    weight: 1.5,
    seenByEm: true,
    draw: (random) => divisorSum(random, 1, 12),
  },
  {
    family: 'divisor-sum',
    name: '3-digit',
    favoured: 'code',
    weight: 8,
    seenByEm: true,
    draw: (random) => divisorSum(random, 101, 999),
  },
  { family: 'gcd', name: '3-digit', favoured: 'code', weight: 8, seenByEm: true, draw: gcd },
  {
    family: 'linear',
    name: '3-digit',
    favoured: 'code',
    weight: 8,
    seenByEm: true,
    draw: (random) => linear(random, [12, 99], [101, 499]),
  },
  {
    family: 'linear',
    name: 'large',
    favoured: 'code',
    weight: 1,
    seenByEm: false,
    draw: (random) => linear(random, [12, 99], [1001, 4999]),
  },
];
