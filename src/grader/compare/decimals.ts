import { type Expression, type NumberLiteral, some } from '../expression/expression.ts';
import {
  compareRationals,
  floor,
  isInteger,
  multiply,
  negate,
  ONE,
  power,
  type Rational,
  rational,
  toNumber,
} from '../number/rational.ts';
import type { GradeOptions } from '../options.ts';

/** Digits beyond which no answer is rounded; also keeps the powers of ten small. */
const MAX_SHIFT = 400;
const TEN: Rational = { numerator: 10n, denominator: 1n };

/** The numeral that an expression consists of, through signs, marks and `× 10^k`. */
export function literalOf(of: Expression): NumberLiteral | undefined {
  if (of.kind === 'number') return of;
  if (of.kind === 'negate') return literalOf(of.of);
  if (of.kind === 'call' && (of.name === 'percent' || of.name === 'degree') && of.arguments[0])
    return literalOf(of.arguments[0]);
  const [mantissa, scale] = of.kind === 'multiply' && of.factors.length === 2 ? of.factors : [];
  if (mantissa?.kind !== 'number' || scale?.kind !== 'power') return undefined;
  const exponent = exponentOf(scale.exponent);
  if (exponent === undefined || scale.base.kind !== 'number' || scale.base.value.numerator !== 10n) return undefined;
  const factor = power(TEN, BigInt(exponent));
  const value = factor && multiply(mantissa.value, factor);
  return value && { ...mantissa, value, decimals: mantissa.decimals - exponent };
}

function exponentOf(of: Expression): number | undefined {
  const isNegative = of.kind === 'negate';
  const inner = isNegative ? of.of : of;
  if (inner.kind !== 'number' || !isInteger(inner.value) || inner.value.numerator > BigInt(MAX_SHIFT)) return undefined;
  return Number(inner.value.numerator) * (isNegative ? -1 : 1);
}

function scaled(value: Rational, decimals: number): Rational | undefined {
  const factor = power(TEN, BigInt(decimals));
  return factor && multiply(value, factor);
}

/** Whether `exact`, rounded (half either way) or truncated to `decimals` digits, is `written`. */
function roundsTo(exact: Rational, written: Rational, decimals: number, mayTruncate = true): boolean {
  if (Math.abs(decimals) > MAX_SHIFT) return false;
  const [a, b] = [scaled(exact, decimals), scaled(written, decimals)];
  if (a === undefined || b === undefined || !isInteger(b)) return false;
  const doubled = rational(2n * (a.numerator - b.numerator * a.denominator), a.denominator);
  if (doubled === undefined) return false;
  const size = doubled.numerator < 0n ? negate(doubled) : doubled;
  if (compareRationals(size, ONE) <= 0) return true;
  if (!mayTruncate) return false;
  const truncated = a.numerator < 0n ? -floor(negate(a)) : floor(a);
  return truncated === b.numerator;
}

/** `5` and `27.0` are exact; `2.5` and `7.1 \times 10^{35}` may be rounded. */
function isExactLiteral(literal: NumberLiteral): boolean {
  return literal.decimals === 0 || (literal.decimals > 0 && isInteger(literal.value));
}

/** Denominators of the fractions that people round. */
const ROUNDED_DENOMINATORS = [3, 6, 7, 9, 11, 12] as const;
/** A finer decimal must be this well known to show that a coarser one was rounded. */
const LARGEST_RADICAND = 200;

/** Whether a decimal is what remains of 2/3, π or √2 after rounding: then a coarser decimal of it was rounded as well. */
function isRoundedConstant({ value, decimals }: NumberLiteral): boolean {
  const written = Math.abs(toNumber(value));
  const isNear = (exact: number) => Math.abs(exact - written) <= 0.5 * 10 ** -decimals;
  if (ROUNDED_DENOMINATORS.some((q) => isNear(Math.round(written * q) / q))) return true;
  const pi = [1, 2, 3, 4, 6].some((q) => isNear((Math.round((written * q) / Math.PI) * Math.PI) / q));
  const root = [1, 2].some((q) => {
    const radicand = Math.round((written * q) ** 2);
    return radicand <= LARGEST_RADICAND && isNear(Math.sqrt(radicand) / q);
  });
  return pi || root;
}

/** From this many digits on, digits that are cut off count as rounded ones. */
const DIGITS_THAT_MAY_BE_CUT = 6;

/**
 * The rounding convention. A decimal gold takes what rounds to it: exact numbers if it has 2 significant digits, finer decimals if it
 * has 3 and they are rounded numbers themselves (0.6667 for 0.667, not 2.504 for 2.50). An exact gold that is not an integer takes a
 * decimal with enough significant digits to which it rounds.
 */
export function agreesByRounding(
  gold: NumberLiteral | undefined,
  goldValue: Rational,
  answer: NumberLiteral | undefined,
  answerValue: Rational,
  options: GradeOptions,
): boolean {
  if (options.decimals === 'exact') return false;
  if (gold && !isExactLiteral(gold)) {
    const isExact = answer === undefined || isInteger(answer.value);
    const mayStandFor = isExact
      ? gold.significant >= 2
      : gold.significant >= 3 && answer.decimals > gold.decimals && isRoundedConstant(answer);
    if (mayStandFor && roundsTo(answerValue, goldValue, gold.decimals, isExact)) return true;
  }
  if (answer && !isExactLiteral(answer) && answer.significant >= options.minSignificantDigits) {
    const isCoarser = gold === undefined ? !isInteger(goldValue) : gold.decimals > answer.decimals;
    // Of a decimal gold, digits may be rounded off, not cut off.
    const mayCut = gold === undefined && answer.significant >= DIGITS_THAT_MAY_BE_CUT;
    if (isCoarser && roundsTo(goldValue, answerValue, answer.decimals, mayCut)) return true;
  }
  return false;
}

/** A double as languages print it has 15 to 17 significant digits. */
const DOUBLE_DIGITS = 15;
/** Relative error that a short computation in doubles leaves. */
export const DOUBLE_ERROR = 1e-13;
/** What such a computation leaves of 0. */
const DOUBLE_ZERO = 1e-14;

/** Whether an expression holds a full-precision double, such as `0.30000000000000004`. */
export function holdsDouble(of: Expression): boolean {
  return some(of, (part) => part.kind === 'number' && part.decimals > 0 && part.significant >= DOUBLE_DIGITS);
}

/** Whether two values differ only by the error of a computation in doubles. */
export function agreesAsDouble(a: Rational, b: Rational): boolean {
  const [x, y] = [toNumber(a), toNumber(b)];
  return Math.abs(x - y) <= Math.max(DOUBLE_ERROR * Math.abs(x), x === 0 || y === 0 ? DOUBLE_ZERO : 0);
}

/** Whether one of the two expressions holds a decimal that may stand for a rounded number. */
export function looseDecimals(gold: Expression, answer: Expression, options: GradeOptions): boolean {
  if (options.decimals === 'exact') return false;
  const isRounded = (side: Expression, digits: number) =>
    some(side, (part) => part.kind === 'number' && part.decimals >= 1 && part.significant >= digits);
  return isRounded(gold, 3) || isRounded(answer, options.minSignificantDigits);
}
