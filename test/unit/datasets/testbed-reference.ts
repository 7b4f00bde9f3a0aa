/** Answers computed from the question's text alone, by other means than the generator's: what the tests compare with. */
import type { Family } from '../../../src/datasets/testbed/level.ts';

const DAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];
const FACTORS: Record<string, bigint> = {
  'km m': 1000n,
  'kg g': 1000n,
  'm cm': 100n,
  'hours minutes': 60n,
  'minutes seconds': 60n,
  'days hours': 24n,
  'weeks days': 7n,
  'feet inches': 12n,
};
const SIDES: Record<string, bigint> = {
  triangle: 3n,
  square: 4n,
  pentagon: 5n,
  hexagon: 6n,
  heptagon: 7n,
  octagon: 8n,
  nonagon: 9n,
  decagon: 10n,
};

function powerModulo(base: bigint, exponent: bigint, modulus: bigint): bigint {
  if (exponent === 0n) return 1n % modulus;
  const half = powerModulo(base, exponent / 2n, modulus);
  return (half * half * (exponent % 2n === 1n ? base : 1n)) % modulus;
}

export function referenceAnswer(family: Family, problem: string): string {
  const numbers = (problem.match(/\d+/g) ?? []).map(BigInt);
  const [a = 0n, b = 0n, c = 0n] = numbers;
  switch (family) {
    case 'multiplication':
      return `${a * b}`;
    case 'power-modulo':
      return `${powerModulo(a, b, c)}`;
    case 'divisor-sum': {
      let sum = 0n;
      for (let d = 1n; d <= a; d++) if (a % d === 0n) sum += d;
      return `${sum}`;
    }
    case 'gcd': {
      for (let d = a; d > 0n; d--) if (a % d === 0n && b % d === 0n) return `${d}`;
      return '0';
    }
    case 'series': {
      const last = numbers.at(-1) ?? 0n;
      return `${(last * (last + 1n)) / 2n}`;
    }
    case 'linear':
      return `${(c - b) / a}`;
    case 'last-digit':
      return `${powerModulo(a, b, 10n)}`;
    case 'word': {
      const asked = /How many (\w+) does/.exec(problem)?.[1] ?? '';
      const amounts = [...problem.matchAll(/(\d+) (?:more )?(\w+)/g)].filter(([, , thing]) => thing === asked);
      return `${amounts.reduce((sum, [, amount = '0']) => sum + BigInt(amount), 0n)}`;
    }
    case 'weekday': {
      const today = DAYS.findIndex((day) => problem.includes(day));
      return DAYS[Number((BigInt(today) + a) % 7n)] ?? '';
    }
    case 'units': {
      const from = /\d+ (\w+)/.exec(problem)?.[1] ?? '';
      const pair = Object.keys(FACTORS).find((key) => {
        const [source, target] = key.split(' ');
        return source === from && new RegExp(`\\b${target}\\b`).test(problem.replace(`${a} ${from}`, ''));
      });
      return `${a * (FACTORS[pair ?? ''] ?? 0n)}`;
    }
    case 'polygon': {
      const shape = Object.keys(SIDES).find((name) => problem.includes(name)) ?? '';
      const sides = SIDES[shape] ?? 0n;
      if (problem.includes('diagonals')) return `${(sides * (sides - 3n)) / 2n}`;
      return problem.includes('angle') && !problem.includes('sides of') && /angles?\b/.test(problem.replace(shape, ''))
        ? `${(sides - 2n) * 180n}`
        : `${sides}`;
    }
  }
}
