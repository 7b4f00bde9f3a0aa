import {
  add,
  bitLength,
  compareRationals,
  divide,
  floor,
  isInteger,
  multiply,
  negate,
  ONE,
  power,
  type Rational,
  rational,
  root,
  ZERO,
} from '../number/rational.ts';
import { type Expression, some } from './expression.ts';

/** Steps of exact work left for one comparison; when it is used up, results are undefined. */
export interface Budget {
  left: number;
}

export type Values = ReadonlyMap<string, Rational>;
const NO_VALUES: Values = new Map();

function factorial(of: bigint, step: bigint): Rational | undefined {
  if (of < 0n || of > 3000n) return undefined;
  let result = 1n;
  for (let factor = of; factor > 1n; factor -= step) result *= factor;
  return rational(result);
}

function binomial(n: Rational, k: Rational): Rational | undefined {
  if (!isInteger(n) || !isInteger(k) || k.numerator < 0n || n.numerator < 0n) return undefined;
  if (k.numerator > n.numerator) return ZERO;
  const smaller = k.numerator * 2n > n.numerator ? n.numerator - k.numerator : k.numerator;
  if (smaller > 800n || bitLength(n.numerator) * Number(smaller) > 16_000) return undefined;
  let result = 1n;
  for (let i = 1n; i <= smaller; i++) result = (result * (n.numerator - smaller + i)) / i;
  return rational(result);
}

function euclid(a: bigint, b: bigint): bigint {
  let [x, y] = [a < 0n ? -a : a, b < 0n ? -b : b];
  while (y !== 0n) [x, y] = [y, x % y];
  return x;
}

/** A numeral in another base; digits after the point by `decimals` of the literal. */
function inBase(written: Rational, base: Rational): Rational | undefined {
  if (!isInteger(base) || base.numerator < 2n || base.numerator > 36n || written.numerator < 0n) return undefined;
  let [numerator, scale] = [written.numerator, 1n];
  let digitsAfterPoint = 0;
  for (; digitsAfterPoint < 60 && scale % written.denominator !== 0n; digitsAfterPoint++) scale *= 10n;
  if (scale % written.denominator !== 0n) return undefined;
  numerator = (written.numerator * scale) / written.denominator;
  let result = 0n;
  for (const digit of numerator.toString()) {
    if (BigInt(digit) >= base.numerator) return undefined;
    result = result * base.numerator + BigInt(digit);
  }
  return rational(result, base.numerator ** BigInt(digitsAfterPoint));
}

function callExactly(name: string, args: readonly Rational[]): Rational | undefined {
  const [a, b] = args;
  if (a === undefined) return undefined;
  switch (name) {
    case 'sqrt':
      return root(a, b === undefined ? 2 : isInteger(b) && b.numerator <= 64n ? Number(b.numerator) : 0);
    case 'cbrt':
      return root(a, 3);
    case 'abs':
      return a.numerator < 0n ? negate(a) : a;
    case 'floor':
      return rational(floor(a));
    case 'ceil':
      return rational(-floor(negate(a)));
    case 'factorial':
      return isInteger(a) ? factorial(a.numerator, 1n) : undefined;
    case 'double-factorial':
      return isInteger(a) ? factorial(a.numerator, 2n) : undefined;
    case 'binomial':
      return b && binomial(a, b);
    case 'percent':
      return divide(a, { numerator: 100n, denominator: 1n });
    case 'degree':
      return a;
    case 'in-base':
      return b && inBase(a, b);
    case 'mod': {
      if (b === undefined || b.numerator === 0n) return undefined;
      const ratio = divide(a, b);
      const whole = ratio && multiply({ numerator: floor(ratio), denominator: 1n }, b);
      return whole && add(a, negate(whole));
    }
    case 'max':
    case 'min':
      return args.reduce((best, next) => (compareRationals(next, best) > 0 === (name === 'max') ? next : best));
    case 'gcd':
    case 'lcm': {
      if (b === undefined || !isInteger(a) || !isInteger(b)) return undefined;
      const common = euclid(a.numerator, b.numerator);
      return name === 'gcd' ? rational(common) : common === 0n ? ZERO : rational((a.numerator * b.numerator) / common);
    }
    default:
      return undefined;
  }
}

const MOST_TERMS = 1000n;

/** `\sum` and `\prod` over a short range of integers. */
function sumExactly(of: Extract<Expression, { kind: 'opaque' }>, budget: Budget, values: Values): Rational | undefined {
  const [variable, lower, upper, body] = of.arguments;
  if ((of.name !== 'sum' && of.name !== 'prod') || variable?.kind !== 'symbol' || !lower || !upper || !body)
    return undefined;
  // Bound variables share a name: nested ones are left to others.
  if (some(body, (part) => part.kind === 'opaque')) return undefined;
  const [from, to] = [evaluateExactly(lower, budget, values), evaluateExactly(upper, budget, values)];
  if (!from || !to || !isInteger(from) || !isInteger(to) || to.numerator - from.numerator > MOST_TERMS)
    return undefined;
  let result: Rational | undefined = of.name === 'sum' ? ZERO : ONE;
  for (let k = from.numerator; k <= to.numerator; k++) {
    const term = evaluateExactly(body, budget, new Map(values).set(variable.name, { numerator: k, denominator: 1n }));
    result = term && (of.name === 'sum' ? add(result, term) : multiply(result, term));
    if (result === undefined) return undefined;
    budget.left -= cost(result);
  }
  return result;
}

/**
 * The exact rational value of an expression at rational values of its symbols.
 * undefined if it has none, is not known to be rational, or would be too large.
 */
export function evaluateExactly(of: Expression, budget: Budget, values: Values = NO_VALUES): Rational | undefined {
  if (--budget.left < 0) return undefined;
  switch (of.kind) {
    case 'number':
      return of.value;
    case 'constant':
    case 'plus-minus':
      return undefined;
    case 'opaque':
      return sumExactly(of, budget, values);
    case 'symbol':
      return values.get(of.name);
    case 'negate': {
      const value = evaluateExactly(of.of, budget, values);
      return value && negate(value);
    }
    case 'add': {
      let sum: Rational | undefined = ZERO;
      for (const term of of.terms) {
        const value = evaluateExactly(term, budget, values);
        sum = value && add(sum, value);
        if (sum === undefined) return undefined;
        budget.left -= cost(sum);
      }
      return sum;
    }
    case 'multiply': {
      let result: Rational | undefined = ONE;
      for (const factor of of.factors) {
        const value = evaluateExactly(factor, budget, values);
        result = value && multiply(result, value);
        if (result === undefined) return undefined;
        budget.left -= cost(result);
      }
      return result;
    }
    case 'divide': {
      const above = evaluateExactly(of.numerator, budget, values);
      const below = above && evaluateExactly(of.denominator, budget, values);
      return above && below && divide(above, below);
    }
    case 'power': {
      const base = evaluateExactly(of.base, budget, values);
      const exponent = base && evaluateExactly(of.exponent, budget, values);
      if (base === undefined || exponent === undefined) return undefined;
      if (base.numerator === 0n && exponent.numerator <= 0n) return exponent.numerator === 0n ? ONE : undefined;
      budget.left -= cost(base) * 4;
      if (isInteger(exponent)) return power(base, exponent.numerator);
      if (exponent.denominator > 64n || base.numerator < 0n) return undefined;
      const rootOf = root(base, Number(exponent.denominator));
      return rootOf && power(rootOf, exponent.numerator);
    }
    case 'call': {
      if (of.name === 'sqrt' || of.name === 'cbrt' || of.name === 'binomial' || of.name === 'factorial')
        budget.left -= 20;
      const args: Rational[] = [];
      for (const argument of of.arguments) {
        const value = evaluateExactly(argument, budget, values);
        if (value === undefined) return undefined;
        args.push(value);
      }
      const [first] = args;
      if (first && (of.name === 'factorial' || of.name === 'double-factorial') && first.numerator > 100n)
        budget.left -= Number(first.numerator < 3000n ? first.numerator : 3000n);
      return callExactly(of.name, args);
    }
  }
}

function cost(value: Rational): number {
  const { numerator, denominator } = value;
  if (-0xffffffffffffn < numerator && numerator < 0xffffffffffffn && denominator < 0xffffffffffffn) return 0;
  return (bitLength(numerator) + bitLength(denominator)) >> (denominator === 1n ? 6 : 4);
}
