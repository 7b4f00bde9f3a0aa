/** Real arithmetic on BigInts with 512 bits after the point: decides what doubles can't distinguish. Values are `x · 2^512`. */
export type FixedPoint = bigint;

export const FRACTION_BITS = 512n;
const P = FRACTION_BITS;
export const FIXED_ONE: FixedPoint = 1n << P;
/** Larger values are given up. */
const MAX_BITS = 6000n;

export function fixedFromRational(numerator: bigint, denominator: bigint): FixedPoint {
  return (numerator << P) / denominator;
}

export function isFixedTooLarge(a: FixedPoint): boolean {
  return a >> MAX_BITS !== 0n && a >> MAX_BITS !== -1n;
}

export function multiplyFixed(a: FixedPoint, b: FixedPoint): FixedPoint {
  return (a * b) >> P;
}

export function divideFixed(a: FixedPoint, b: FixedPoint): FixedPoint | undefined {
  return b === 0n ? undefined : (a << P) / b;
}

function integerRootFloor(value: bigint, degree: bigint): bigint {
  if (value < 2n) return value;
  let guess = 1n << (BigInt(value.toString(16).length * 4) / degree + 1n);
  for (;;) {
    const next = ((degree - 1n) * guess + value / guess ** (degree - 1n)) / degree;
    if (next >= guess) return guess;
    guess = next;
  }
}

/** Real root; of negatives for odd degrees only. Degrees up to 16. */
export function rootFixed(a: FixedPoint, degree: number): FixedPoint | undefined {
  if (a < 0n) {
    const positive = degree % 2 === 0 ? undefined : rootFixed(-a, degree);
    return positive === undefined ? undefined : -positive;
  }
  return integerRootFloor(a << (P * BigInt(degree - 1)), BigInt(degree));
}

function arcTangentOfInverse(k: bigint): FixedPoint {
  let power = FIXED_ONE / k;
  let sum = power;
  for (let n = 3n; power !== 0n; n += 2n) {
    power = -power / (k * k);
    sum += power / n;
  }
  return sum;
}

/** Machin's formula. */
export const FIXED_PI: FixedPoint = 4n * (4n * arcTangentOfInverse(5n) - arcTangentOfInverse(239n));

/** undefined beyond e^±1500. */
export function exponentialFixed(a: FixedPoint): FixedPoint | undefined {
  if (a > 1500n << P) return undefined;
  if (a < -(1500n << P)) return undefined;
  if (a < 0n) {
    const positive = exponentialFixed(-a);
    return positive === undefined ? undefined : divideFixed(FIXED_ONE, positive);
  }
  // e^a = (e^(a/2^24))^(2^24), twelve guard bits for the squarings are far from enough at 512 alone: work with 64 more.
  const guard = 64n;
  const one = 1n << (P + guard);
  const x = (a << guard) >> 24n;
  let term = one;
  let sum = one;
  for (let n = 1n; term !== 0n; n++) {
    term = ((term * x) >> (P + guard)) / n;
    sum += term;
  }
  for (let k = 0; k < 24; k++) sum = (sum * sum) >> (P + guard);
  return sum >> guard;
}

function toDouble(a: FixedPoint): number {
  const bits = a < 0n ? (-a).toString(2).length : a.toString(2).length;
  const shift = BigInt(Math.max(0, bits - 60));
  return Number(a >> shift) * 2 ** Number(shift - P);
}

/** Newton's method from the logarithm in doubles. */
export function logarithmFixed(a: FixedPoint): FixedPoint | undefined {
  if (a <= 0n) return undefined;
  const bits = a.toString(2).length;
  const start = Math.log(Number(a >> BigInt(Math.max(0, bits - 60)))) + (Math.max(0, bits - 60) - Number(P)) * Math.LN2;
  let y = BigInt(Math.round(start * 2 ** 40)) << (P - 40n);
  for (let round = 0; round < 5; round++) {
    const inverse = exponentialFixed(-y);
    if (inverse === undefined) return undefined;
    y += multiplyFixed(a, inverse) - FIXED_ONE;
  }
  return y;
}

export function sineFixed(a: FixedPoint): FixedPoint {
  const turn = 2n * FIXED_PI;
  let x = a % turn;
  if (x > FIXED_PI) x -= turn;
  if (x < -FIXED_PI) x += turn;
  const square = multiplyFixed(x, x);
  let term = x;
  let sum = x;
  for (let n = 2n; term !== 0n && term !== -1n; n += 2n) {
    term = -multiplyFixed(term, square) / (n * (n + 1n));
    sum += term;
  }
  return sum;
}

export function cosineFixed(a: FixedPoint): FixedPoint {
  return sineFixed(a + FIXED_PI / 2n);
}

/** Newton's method from the arc tangent in doubles. */
export function arcTangentFixed(a: FixedPoint): FixedPoint | undefined {
  let y = BigInt(Math.round(Math.atan(toDouble(a)) * 2 ** 50)) << (P - 50n);
  for (let round = 0; round < 5; round++) {
    const [sine, cosine] = [sineFixed(y), cosineFixed(y)];
    // tan y - a over 1 + tan² y, times cos² y above and below.
    y -= multiplyFixed(multiplyFixed(sine, cosine) - multiplyFixed(a, multiplyFixed(cosine, cosine)), FIXED_ONE);
  }
  return y;
}
