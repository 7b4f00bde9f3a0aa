import { type Expression, type NumberLiteral, some } from '../expression/expression.ts';
import { compareRationals, floor, isInteger, negate, type Rational, rational } from '../number/rational.ts';
import type { GradeOptions } from '../options.ts';

function scaled(value: Rational, decimals: number): Rational | undefined {
  return rational(value.numerator * 10n ** BigInt(decimals), value.denominator);
}

/** Whether `exact`, rounded (half either way) or truncated to `decimals` digits, is `written`. */
function roundsTo(exact: Rational, written: Rational, decimals: number): boolean {
  if (decimals > 60) return false;
  const [a, b] = [scaled(exact, decimals), scaled(written, decimals)];
  if (a === undefined || b === undefined || !isInteger(b)) return false;
  const doubled = rational(2n * (a.numerator - b.numerator * a.denominator), a.denominator);
  if (doubled === undefined) return false;
  const size = doubled.numerator < 0n ? negate(doubled) : doubled;
  if (compareRationals(size, { numerator: 1n, denominator: 1n }) <= 0) return true;
  const truncated = a.numerator < 0n ? -floor(negate(a)) : floor(a);
  return truncated === b.numerator;
}

function isWholeLiteral(literal: NumberLiteral): boolean {
  return literal.decimals === 0 || isInteger(literal.value);
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
  if (gold && !isWholeLiteral(gold) && (gold.significant >= 3 || gold.decimals >= 2)) {
    const isFiner = answer === undefined || answer.decimals > gold.decimals;
    if (isFiner && roundsTo(answerValue, goldValue, gold.decimals)) return true;
  }
  if (answer && !isWholeLiteral(answer) && answer.significant >= options.minSignificantDigits) {
    const isCoarser = gold === undefined ? !isInteger(goldValue) : gold.decimals > answer.decimals;
    if (isCoarser && roundsTo(goldValue, answerValue, answer.decimals)) return true;
  }
  return false;
}

/** Whether the two expressions hold a decimal that stands for a rounded number on one side only. */
export function looseDecimals(gold: Expression, answer: Expression, options: GradeOptions): boolean {
  if (options.decimals === 'exact') return false;
  const isRounded = (side: Expression, digits: number) =>
    some(side, (part) => part.kind === 'number' && part.decimals >= 2 && part.significant >= digits);
  return isRounded(gold, 3) || isRounded(answer, options.minSignificantDigits);
}
