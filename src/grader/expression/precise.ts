import {
  arcTangentFixed,
  cosineFixed,
  divideFixed,
  exponentialFixed,
  FIXED_ONE,
  FIXED_PI,
  type FixedPoint,
  FRACTION_BITS,
  fixedFromRational,
  isFixedTooLarge,
  logarithmFixed,
  multiplyFixed,
  rootFixed,
  sineFixed,
} from '../number/fixed-point.ts';
import { isInteger } from '../number/rational.ts';
import type { Budget } from './exact.ts';
import type { Expression } from './expression.ts';

/** How marks are read, as at a sample point. */
export interface PreciseReading {
  readonly convertsDegrees: boolean;
  readonly logBase: 'e' | '10';
}

/** Work units of one transcendental function. */
const FUNCTION_COST = 400;

function degrees(a: FixedPoint): FixedPoint {
  return multiplyFixed(a, FIXED_PI) / 180n;
}

function integerPower(base: FixedPoint, exponent: bigint): FixedPoint | undefined {
  if (exponent < 0n) {
    const positive = integerPower(base, -exponent);
    return positive === undefined ? undefined : divideFixed(FIXED_ONE, positive);
  }
  if (exponent > 2000n) return undefined;
  let result = FIXED_ONE;
  let square = base;
  for (let left = exponent; left > 0n; left >>= 1n) {
    if (left & 1n) result = multiplyFixed(result, square);
    if (isFixedTooLarge(result) || isFixedTooLarge(square)) return undefined;
    square = multiplyFixed(square, square);
  }
  return result;
}

function applyFunction(
  name: string,
  a: FixedPoint,
  b: FixedPoint | undefined,
  reading: PreciseReading,
): FixedPoint | undefined {
  switch (name) {
    case 'sqrt':
      return b === undefined
        ? rootFixed(a, 2)
        : b % FIXED_ONE === 0n && b >= 2n * FIXED_ONE && b <= 16n * FIXED_ONE
          ? rootFixed(a, Number(b / FIXED_ONE))
          : undefined;
    case 'cbrt':
      return rootFixed(a, 3);
    case 'exp':
      return exponentialFixed(a);
    case 'ln':
      return logarithmFixed(a);
    case 'log':
    case 'log10': {
      const above = logarithmFixed(a);
      if (b === undefined && name === 'log' && reading.logBase === 'e') return above;
      const below = logarithmFixed(b ?? 10n * FIXED_ONE);
      return above !== undefined && below !== undefined ? divideFixed(above, below) : undefined;
    }
    case 'sin':
      return sineFixed(a);
    case 'cos':
      return cosineFixed(a);
    case 'tan':
      return divideFixed(sineFixed(a), cosineFixed(a));
    case 'cot':
      return divideFixed(cosineFixed(a), sineFixed(a));
    case 'sec':
      return divideFixed(FIXED_ONE, cosineFixed(a));
    case 'csc':
      return divideFixed(FIXED_ONE, sineFixed(a));
    case 'atan':
      return arcTangentFixed(a);
    case 'asin':
    case 'acos': {
      const rest = rootFixed(FIXED_ONE - multiplyFixed(a, a), 2);
      const ratio = rest === undefined ? undefined : divideFixed(a, rest);
      const angle = ratio === undefined ? undefined : arcTangentFixed(ratio);
      return angle === undefined || name === 'asin' ? angle : FIXED_PI / 2n - angle;
    }
    case 'abs':
      return a < 0n ? -a : a;
    case 'percent':
      return a / 100n;
    case 'degree':
      return reading.convertsDegrees ? degrees(a) : a;
    default:
      return undefined;
  }
}

const TAKES_ANGLE = /^(?:sin|cos|tan|cot|sec|csc)$/;

/** The real value of a constant to about 150 digits; undefined if it has none or isn't covered. */
export function evaluatePrecisely(of: Expression, reading: PreciseReading, budget: Budget): FixedPoint | undefined {
  budget.left -= 10;
  if (budget.left < 0) return undefined;
  const step = (part: Expression) => evaluatePrecisely(part, reading, budget);
  switch (of.kind) {
    case 'number':
      return fixedFromRational(of.value.numerator, of.value.denominator);
    case 'constant':
      return of.name === 'pi' ? FIXED_PI : of.name === 'e' ? exponentialFixed(FIXED_ONE) : undefined;
    case 'negate': {
      const value = step(of.of);
      return value === undefined ? undefined : -value;
    }
    case 'add': {
      let sum = 0n;
      for (const term of of.terms) {
        const value = step(term);
        if (value === undefined) return undefined;
        sum += value;
      }
      return sum;
    }
    case 'multiply': {
      let result = FIXED_ONE;
      for (const factor of of.factors) {
        const value = step(factor);
        if (value === undefined || isFixedTooLarge(result)) return undefined;
        result = multiplyFixed(result, value);
      }
      return result;
    }
    case 'divide': {
      const [above, below] = [step(of.numerator), step(of.denominator)];
      return above === undefined || below === undefined ? undefined : divideFixed(above, below);
    }
    case 'power': {
      const [base, exponent] = [step(of.base), step(of.exponent)];
      if (base === undefined || exponent === undefined) return undefined;
      if (exponent % FIXED_ONE === 0n) return integerPower(base, exponent / FIXED_ONE);
      const literal =
        of.exponent.kind === 'divide' && of.exponent.denominator.kind === 'number' ? of.exponent : undefined;
      if (base < 0n && literal?.numerator.kind !== 'number') return undefined;
      if (base < 0n && literal?.numerator.kind === 'number' && literal.denominator.kind === 'number') {
        const [p, q] = [literal.numerator.value, literal.denominator.value];
        const inner =
          isInteger(p) && isInteger(q) && q.numerator % 2n === 1n && q.numerator <= 15n
            ? rootFixed(base, Number(q.numerator))
            : undefined;
        return inner === undefined ? undefined : integerPower(inner, p.numerator);
      }
      budget.left -= FUNCTION_COST * 2;
      const logarithm = base === 0n ? undefined : logarithmFixed(base);
      return logarithm === undefined ? undefined : exponentialFixed(multiplyFixed(logarithm, exponent));
    }
    case 'call': {
      budget.left -= FUNCTION_COST;
      const inner = TAKES_ANGLE.test(of.name) ? { ...reading, convertsDegrees: true } : reading;
      const [first, second] = of.arguments;
      const a = first && evaluatePrecisely(first, inner, budget);
      const b = second && evaluatePrecisely(second, inner, budget);
      if (a === undefined || isFixedTooLarge(a) || (second && b === undefined) || of.arguments.length > 2)
        return undefined;
      return applyFunction(of.name, a, b, reading);
    }
    case 'symbol':
    case 'plus-minus':
    case 'opaque':
      return undefined;
  }
}

/** Guard for rounding: differences below this part of the larger value, or below it absolutely, don't count. */
const GUARD_BITS = 96n;

/** Whether two constants agree to about 125 digits; undefined if that can't be decided. */
export function agreePrecisely(a: FixedPoint | undefined, b: FixedPoint | undefined): boolean | undefined {
  if (a === undefined || b === undefined) return undefined;
  const size = (value: FixedPoint) => (value < 0n ? -value : value);
  const [sizeA, sizeB] = [size(a), size(b)];
  const scale = sizeA + sizeB;
  // Too small for the digits after the point.
  if (scale < 1n << (2n * GUARD_BITS)) return undefined;
  return size(a - b) <= (scale >> (FRACTION_BITS - GUARD_BITS)) + (1n << GUARD_BITS);
}
