/** Exact fractions of BigInts, always in lowest terms with a positive denominator. */
export interface Rational {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/** Results with more bits than this are given up (undefined): the caller falls back to other means. */
const MAX_BITS = 40_000;
const LIMIT = 1n << BigInt(MAX_BITS);
/** Fractions have a lower limit: reducing them is quadratic. */
const MAX_FRACTION_BITS = 8_000;
const FRACTION_LIMIT = 1n << BigInt(MAX_FRACTION_BITS);
const SMALL = 1n << 62n;

export const ZERO: Rational = { numerator: 0n, denominator: 1n };
export const ONE: Rational = { numerator: 1n, denominator: 1n };

function absolute(value: bigint): bigint {
  return value < 0n ? -value : value;
}

function gcd(a: bigint, b: bigint): bigint {
  let x = absolute(a);
  let y = absolute(b);
  while (y !== 0n) {
    // Machine integers from here on: ten times as fast as BigInt.
    if (x < 9007199254740992n && y < 9007199254740992n) {
      let p = Number(x);
      let q = Number(y);
      while (q !== 0) [p, q] = [q, p % q];
      return BigInt(p);
    }
    [x, y] = [y, x % y];
  }
  return x;
}

function isTooLarge(value: bigint): boolean {
  return !(-SMALL < value && value < SMALL) && (value > LIMIT || value < -LIMIT);
}

/** undefined for a zero denominator and beyond {@link MAX_BITS}. */
export function rational(numerator: bigint, denominator = 1n): Rational | undefined {
  if (denominator === 0n || isTooLarge(numerator) || isTooLarge(denominator)) return undefined;
  if (denominator === 1n) return { numerator, denominator };
  if (
    (numerator > FRACTION_LIMIT || numerator < -FRACTION_LIMIT) &&
    (denominator > FRACTION_LIMIT || denominator < -FRACTION_LIMIT)
  )
    return undefined;
  const divisor = gcd(numerator, denominator) * (denominator < 0n ? -1n : 1n);
  return divisor === 1n
    ? { numerator, denominator }
    : { numerator: numerator / divisor, denominator: denominator / divisor };
}

export function add(a: Rational, b: Rational): Rational | undefined {
  return rational(a.numerator * b.denominator + b.numerator * a.denominator, a.denominator * b.denominator);
}

export function multiply(a: Rational, b: Rational): Rational | undefined {
  return rational(a.numerator * b.numerator, a.denominator * b.denominator);
}

export function divide(a: Rational, b: Rational): Rational | undefined {
  return rational(a.numerator * b.denominator, a.denominator * b.numerator);
}

export function negate(a: Rational): Rational {
  return { numerator: -a.numerator, denominator: a.denominator };
}

export function isEqual(a: Rational, b: Rational): boolean {
  return a.numerator === b.numerator && a.denominator === b.denominator;
}

export function compareRationals(a: Rational, b: Rational): number {
  const difference = a.numerator * b.denominator - b.numerator * a.denominator;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

export function isInteger(a: Rational): boolean {
  return a.denominator === 1n;
}

export function floor(a: Rational): bigint {
  const quotient = a.numerator / a.denominator;
  return a.numerator < 0n && quotient * a.denominator !== a.numerator ? quotient - 1n : quotient;
}

export function bitLength(value: bigint): number {
  return absolute(value).toString(16).length * 4;
}

/** Nearest double; works for numerators and denominators beyond the range of doubles. */
export function toNumber(a: Rational): number {
  const { numerator, denominator } = a;
  if (-SMALL < numerator && numerator < SMALL && denominator < SMALL) return Number(numerator) / Number(denominator);
  const shift = bitLength(numerator) - bitLength(denominator) - 64;
  const quotient = shift > 0 ? numerator / (denominator << BigInt(shift)) : (numerator << BigInt(-shift)) / denominator;
  return Number(quotient) * 2 ** shift;
}

/** Integer power with a cap on the size of the result. */
export function power(base: Rational, exponent: bigint): Rational | undefined {
  if (exponent < 0n) {
    const inverse = rational(base.denominator, base.numerator);
    return inverse && power(inverse, -exponent);
  }
  const { numerator, denominator } = base;
  if (denominator === 1n && (numerator === 1n || numerator === 0n)) return exponent === 0n ? ONE : base;
  if (denominator === 1n && numerator === -1n) return exponent % 2n === 0n ? ONE : base;
  const bits = Math.max(bitLength(numerator), bitLength(denominator));
  if (exponent * BigInt(bits) > BigInt(denominator === 1n ? MAX_BITS : MAX_FRACTION_BITS)) return undefined;
  return { numerator: numerator ** exponent, denominator: denominator ** exponent };
}

/** The exact n-th root of a non-negative integer, if it is an integer. */
function integerRoot(value: bigint, degree: number): bigint | undefined {
  if (value < 2n) return value;
  const bits = bitLength(value);
  if (bits > 4096) return undefined;
  const n = BigInt(degree);
  let guess = 1n << BigInt(Math.ceil(bits / degree));
  for (let step = 0; step < 5000; step++) {
    const next = ((n - 1n) * guess + value / guess ** (n - 1n)) / n;
    if (next >= guess) break;
    guess = next;
  }
  return guess ** n === value ? guess : undefined;
}

/** Exact real root, if rational; of negatives only for odd degrees. Degrees from 2 to 64. */
export function root(value: Rational, degree: number): Rational | undefined {
  if (degree < 2 || degree > 64) return undefined;
  const isNegative = value.numerator < 0n;
  if (isNegative && degree % 2 === 0) return undefined;
  const numerator = integerRoot(absolute(value.numerator), degree);
  if (numerator === undefined) return undefined;
  const denominator = integerRoot(value.denominator, degree);
  if (denominator === undefined) return undefined;
  return { numerator: isNegative ? -numerator : numerator, denominator };
}
