import type { Expression } from '../expression/expression.ts';
import { evaluate, type Point } from '../expression/numeric.ts';
import { agreePrecisely, evaluatePrecisely } from '../expression/precise.ts';
import { type Complex, isFiniteComplex, magnitude } from '../number/complex.ts';
import { DOUBLE_ERROR, holdsDouble, literalOf, looseDecimals } from './decimals.ts';
import { facts } from './facts.ts';
import { type Comparison, correct, incorrect, type Outcome, undecided } from './outcome.ts';
import { symbolPoints } from './sample-points.ts';

function pointAt(symbols: ReadonlyMap<string, number>, perDegree: number, logBase: 'e' | '10'): Point {
  return { symbols, perDegree, logBase, decimalShift: 0, largest: 0, domainBreaks: 0 };
}

type Closeness = 'equal' | 'rounded' | 'differs' | 'unclear';

/** Doubles agree to 1e-11 of the larger value, allowing for cancellation; inexact decimals widen it by half their last place. */
function closeness(
  gold: Expression,
  answer: Expression,
  a: Complex,
  b: Complex,
  point: Point,
  isLoose: boolean,
): Closeness {
  const distance = magnitude({ re: a.re - b.re, im: a.im - b.im });
  const scale = Math.max(magnitude(a), magnitude(b));
  if (distance <= scale * 1e-11 || distance <= point.largest * 1e-14) {
    // A small difference of huge values says nothing.
    return point.largest > 1e13 * Math.max(scale, 1e-280) ? 'unclear' : 'equal';
  }
  if (distance <= point.largest * 1e-12 && distance <= scale * 1e-6) return 'unclear';
  if (isLoose && isWithinLastPlace(gold, answer, a, b, point)) return 'rounded';
  return 'differs';
}

/** Whether a shift of every decimal by half its last place bridges the distance. */
function isWithinLastPlace(gold: Expression, answer: Expression, a: Complex, b: Complex, point: Point): boolean {
  let slack = 0;
  for (const [side, base] of [
    [gold, a],
    [answer, b],
  ] as const) {
    for (const shift of [1, -1]) {
      const moved = evaluate(side, { ...point, decimalShift: shift });
      slack = Math.max(slack, magnitude({ re: moved.re - base.re, im: moved.im - base.im }));
    }
  }
  return Number.isFinite(slack) && magnitude({ re: a.re - b.re, im: a.im - b.im }) <= slack * 1.01;
}

/** Whether a decimal gold is the value with its further digits cut off, as {@link agreesByRounding} allows for fractions. */
function truncatesTo(value: Complex, gold: Expression): boolean {
  const written = literalOf(gold);
  if (written === undefined || written.decimals < 2 || written.decimals > 9 || !isReal(value)) return false;
  const scale = 10 ** written.decimals;
  const digits = (Number(written.value.numerator) / Number(written.value.denominator)) * scale;
  const isNegative = gold.kind === 'negate';
  return Math.round(digits) < 2 ** 50 && Math.trunc(value.re * scale) === (isNegative ? -1 : 1) * Math.round(digits);
}

/** Compares values at fixed sample points; constants at one, where 150 digits decide what doubles can't. */
export function compareAtPoints(
  gold: Expression,
  answer: Expression,
  how: Comparison,
  perDegree: number,
  logs: readonly ['e' | '10', 'e' | '10'],
): Outcome {
  const symbols = [...new Set([...facts(gold).symbols, ...facts(answer).symbols])].sort();
  const isConstant = symbols.length === 0;
  const isComplex = facts(gold).hasImaginary || facts(answer).hasImaginary;
  const isLoose = looseDecimals(gold, answer, how.options);
  let [valid, unclear, rounded, realBreaks, oneSided] = [0, 0, 0, 0, 0];
  for (const symbolValues of symbolPoints(symbols)) {
    how.budget.left -= 40;
    if (how.budget.left < 0) return undecided('work-limit');
    const goldPoint = pointAt(symbolValues, perDegree, logs[0]);
    const answerPoint = pointAt(symbolValues, perDegree, logs[1]);
    const a = evaluate(gold, goldPoint);
    const b = evaluate(answer, answerPoint);
    if (!isFiniteComplex(a) || !isFiniteComplex(b)) {
      if (isConstant) return compareInfinite(a, b);
      realBreaks++;
      continue;
    }
    // Over the reals both must be real; outside their common real domain nothing is compared.
    if (!isConstant && !isComplex && !(isReal(a) && isReal(b))) {
      if (isReal(a) !== isReal(b)) oneSided++;
      realBreaks++;
      continue;
    }
    valid++;
    goldPoint.largest = Math.max(goldPoint.largest, answerPoint.largest);
    const close = closeness(gold, answer, a, b, goldPoint, isLoose);
    const isDouble = isConstant && isLoose && close !== 'differs' && (holdsDouble(gold) || holdsDouble(answer));
    if (isDouble && magnitude({ re: a.re - b.re, im: a.im - b.im }) <= DOUBLE_ERROR * magnitude(a))
      return correct('double-equal');
    if (isConstant && close !== 'rounded' && close !== 'differs') {
      // Doubles see no difference: 150 digits may.
      const reading = (side: 0 | 1) => ({ convertsDegrees: perDegree !== 1, logBase: logs[side] });
      const agree = agreePrecisely(
        evaluatePrecisely(gold, reading(0), how.budget),
        evaluatePrecisely(answer, reading(1), how.budget),
      );
      how.trace?.push(`150 digits: ${agree === undefined ? 'not covered' : agree ? 'agree' : 'differ'}`);
      if (agree === true) return correct('value-equal');
      if (agree === false)
        return isLoose && isWithinLastPlace(gold, answer, a, b, goldPoint)
          ? correct('rounded-equal')
          : incorrect('number-differs');
    }
    if (close === 'differs' && isConstant && isLoose && truncatesTo(b, gold)) return correct('rounded-equal');
    if (close === 'differs') return incorrect(isConstant ? 'number-differs' : 'expression-differs');
    if (close === 'unclear') unclear++;
    if (close === 'rounded') rounded++;
  }
  how.trace?.push(`sample points: ${valid} compared, ${realBreaks} outside the common real domain`);
  if (valid === 0 && oneSided >= 3) return incorrect('domain-differs');
  if (valid < (isConstant ? 1 : 3)) return undecided('too-few-valid-points');
  if (unclear > valid / 2) return undecided('precision');
  if (rounded > 0) return correct('rounded-equal');
  return correct(isConstant ? 'value-equal' : 'expression-equal');
}

function isReal(value: Complex): boolean {
  return Math.abs(value.im) <= 1e-9 * magnitude(value);
}

function compareInfinite(a: Complex, b: Complex): Outcome {
  if (Number.isNaN(a.re) || Number.isNaN(b.re)) {
    return Number.isNaN(a.re) && Number.isNaN(b.re) ? undecided('no-value') : incorrect('domain-differs');
  }
  return a.re === b.re ? undecided('overflow') : incorrect('number-differs');
}
