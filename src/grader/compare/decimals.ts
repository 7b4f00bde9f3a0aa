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
} from '../number/rational.ts';
import type { GradeOptions } from '../options.ts';

/** Digits beyond which nobody rounds; also keeps the powers of ten small. */
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

/**
 * The rounding convention. A decimal gold of 3 significant digits or 2 decimals takes what rounds to it; an exact gold that is
 * not an integer takes a decimal with enough significant digits to which it rounds.
 */
export function agreesByRounding(
  gold: NumberLiteral | undefined,
  goldValue: Rational,
  answer: NumberLiteral | undefined,
  answerValue: Rational,
  options: GradeOptions,
): boolean {
  if (options.decimals === 'exact') return false;
  // Two digits are enough where the answer isn't a decimal: 6.7 for 20/3.
  const fewest = answer === undefined ? 2 : 3;
  if (gold && !isExactLiteral(gold) && (gold.significant >= fewest || gold.decimals >= 2)) {
    const isFiner = answer === undefined || answer.decimals > gold.decimals;
    if (isFiner && roundsTo(answerValue, goldValue, gold.decimals)) return true;
  }
  if (answer && !isExactLiteral(answer) && answer.significant >= options.minSignificantDigits) {
    const isCoarser = gold === undefined ? !isInteger(goldValue) : gold.decimals > answer.decimals;
    // Of a decimal gold, digits may be rounded off, not cut off.
    if (isCoarser && roundsTo(goldValue, answerValue, answer.decimals, gold === undefined)) return true;
  }
  return false;
}

/** Whether one of the two expressions holds a decimal that may stand for a rounded number. */
export function looseDecimals(gold: Expression, answer: Expression, options: GradeOptions): boolean {
  if (options.decimals === 'exact') return false;
  const isRounded = (side: Expression, digits: number) =>
    some(side, (part) => part.kind === 'number' && part.decimals >= 2 && part.significant >= digits);
  return isRounded(gold, 3) || isRounded(answer, options.minSignificantDigits);
}
