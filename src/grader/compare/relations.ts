import { evaluateExactly } from '../expression/exact.ts';
import type { Expression } from '../expression/expression.ts';
import type { RelationSign } from '../expression/names.ts';
import { evaluate, type Point } from '../expression/numeric.ts';
import {
  addComplex,
  type Complex,
  complex,
  divideComplex,
  isFiniteComplex,
  magnitude,
  multiplyComplex,
} from '../number/complex.ts';
import { divide, isEqual, type Rational, rational } from '../number/rational.ts';
import type { Relation } from '../structure/structure.ts';
import { facts } from './facts.ts';
import { type Comparison, correct, every, incorrect, type Outcome, undecided } from './outcome.ts';
import { symbolPoints } from './sample-points.ts';
import { compareExpressions } from './scalars.ts';

/** `left - right` of a relation with two scalar sides. */
function differenceOf(relation: Relation): Expression | undefined {
  const [left, right] = relation.sides;
  if (relation.sides.length !== 2 || left?.kind !== 'scalar' || right?.kind !== 'scalar') return undefined;
  return { kind: 'add', terms: [left.expression, { kind: 'negate', of: right.expression }] };
}

const FLIPPED: Readonly<Partial<Record<RelationSign, RelationSign>>> = { '<': '>', '>': '<', '<=': '>=', '>=': '<=' };

function at(of: Expression, symbols: ReadonlyMap<string, number | Complex>): { value: Complex; largest: number } {
  const point: Point = { symbols, perDegree: 1, logBase: 'e', decimalShift: 0, largest: 0, domainBreaks: 0 };
  return { value: evaluate(of, point), largest: point.largest };
}

function isZero({ value, largest }: { value: Complex; largest: number }): boolean {
  return magnitude(value) <= Math.max(largest, 1e-6) * 1e-8;
}

/** gold / answer where both are finite and the answer is not 0; constant for equivalent linear forms. */
function constantRatio(
  gold: Expression,
  answer: Expression,
  symbols: readonly string[],
  how: Comparison,
): number | 'varies' | undefined {
  const exact = exactRatio(gold, answer, symbols, how);
  if (exact !== undefined) return exact;
  let first: Complex | undefined;
  let count = 0;
  for (const values of symbolPoints(symbols)) {
    how.budget.left -= 40;
    const [a, b] = [at(gold, values), at(answer, values)];
    if (!isFiniteComplex(a.value) || !isFiniteComplex(b.value) || isZero(a) || isZero(b)) continue;
    const ratio = divideComplex(a.value, b.value);
    first ??= ratio;
    if (magnitude({ re: ratio.re - first.re, im: ratio.im - first.im }) > 1e-8 * magnitude(first)) return 'varies';
    count++;
  }
  return first !== undefined && count >= 3 && Math.abs(first.im) < 1e-9 ? first.re : undefined;
}

function exactRatio(
  gold: Expression,
  answer: Expression,
  symbols: readonly string[],
  how: Comparison,
): number | 'varies' | undefined {
  let first: Rational | undefined;
  let count = 0;
  for (let round = 0; round < 5; round++) {
    const values = new Map<string, Rational>();
    symbols.forEach((symbol, k) => {
      const value = rational(BigInt((round * 7 + k * 5 + 3) * (round % 2 === 0 ? 1 : -1)), BigInt(k + 2 * round + 2));
      if (value) values.set(symbol, value);
    });
    const a = evaluateExactly(gold, how.budget, values);
    const b = a && evaluateExactly(answer, how.budget, values);
    if (a === undefined || b === undefined) return undefined;
    const ratio = b.numerator === 0n || a.numerator === 0n ? undefined : divide(a, b);
    if (ratio === undefined) {
      if (a.numerator !== b.numerator) return 'varies';
      continue;
    }
    first ??= ratio;
    if (!isEqual(ratio, first)) return 'varies';
    count++;
  }
  return first !== undefined && count >= 3 ? Number(first.numerator) / Number(first.denominator) : undefined;
}

/** A zero of `of` in one symbol by Newton's method in the complex plane, the others fixed. */
function zeroIn(of: Expression, symbol: string, fixed: ReadonlyMap<string, number>): Complex | undefined {
  let x: Complex = { re: 0.71, im: 0.37 };
  const step = 1e-6;
  for (let round = 0; round < 40; round++) {
    const here = at(of, new Map<string, number | Complex>([...fixed, [symbol, x]]));
    const there = at(of, new Map<string, number | Complex>([...fixed, [symbol, addComplex(x, complex(step))]]));
    if (!isFiniteComplex(here.value) || !isFiniteComplex(there.value)) return undefined;
    if (magnitude(here.value) <= here.largest * 1e-13) return x;
    const slope = multiplyComplex(complex(1 / step), {
      re: there.value.re - here.value.re,
      im: there.value.im - here.value.im,
    });
    if (magnitude(slope) === 0) return undefined;
    const change = divideComplex(here.value, slope);
    x = { re: x.re - change.re, im: x.im - change.im };
  }
  const end = at(of, new Map<string, number | Complex>([...fixed, [symbol, x]]));
  return isFiniteComplex(end.value) && magnitude(end.value) <= end.largest * 1e-9 ? x : undefined;
}

/**
 * Points on one curve tried in the other: a point that isn't on it proves the difference. Solving for every symbol in both
 * equations and finding no such point is no proof of equality.
 */
function findWitness(
  gold: Expression,
  answer: Expression,
  symbols: readonly string[],
  how: Comparison,
): 'differs' | 'same' | 'unknown' {
  let tried = 0;
  for (const [from, to] of [
    [gold, answer],
    [answer, gold],
  ] as const) {
    for (const symbol of symbols.slice(0, 4)) {
      if (!facts(from).symbols.has(symbol)) continue;
      let round = 0;
      for (const values of symbolPoints(symbols)) {
        if (++round > 3) break;
        how.budget.left -= 400;
        if (how.budget.left < 0) return 'unknown';
        const zero = zeroIn(from, symbol, values);
        if (zero === undefined) continue;
        const there = at(to, new Map<string, number | Complex>([...values, [symbol, zero]]));
        if (!isFiniteComplex(there.value)) continue;
        if (magnitude(there.value) > Math.max(there.largest, 1e-6) * 1e-5) return 'differs';
        tried++;
      }
    }
  }
  return tried >= 4 ? 'same' : 'unknown';
}

/** `a > b > c`: side by side, or turned round. */
function compareChains(gold: Relation, answer: Relation, how: Comparison): Outcome {
  const turned: Relation = {
    ...answer,
    sides: [...answer.sides].reverse(),
    signs: [...answer.signs].reverse().map((sign) => FLIPPED[sign] ?? sign),
  };
  for (const other of [answer, turned]) {
    if (gold.signs.length !== other.signs.length || gold.signs.some((sign, k) => sign !== other.signs[k])) continue;
    const outcomes = gold.sides.map((side, k): Outcome => {
      const match = other.sides[k];
      return side.kind === 'scalar' && match?.kind === 'scalar'
        ? compareExpressions(side.expression, match.expression, how)
        : incorrect('relation-differs');
    });
    const outcome = every(outcomes, 'relation-equal');
    if (outcome.verdict !== 'incorrect') return outcome;
  }
  return incorrect('relation-differs');
}

/** Equations and inequalities that are not solved for a name. */
export function compareRelations(gold: Relation, answer: Relation, how: Comparison): Outcome {
  if (gold.sides.length > 2 || answer.sides.length > 2) return compareChains(gold, answer, how);
  const [a, b] = [differenceOf(gold), differenceOf(answer)];
  const [goldSign, answerSign] = [gold.signs[0] ?? '=', answer.signs[0] ?? '='];
  if (a === undefined || b === undefined) return incorrect('relation-differs');
  if (facts(a).isOpaque || facts(b).isOpaque)
    return facts(a).canonical === facts(b).canonical && goldSign === answerSign
      ? correct('same-form')
      : undecided('needs-algebra');
  const symbols = [...new Set([...facts(a).symbols, ...facts(b).symbols])].sort();
  const isSame = goldSign === answerSign;
  const isFlip = FLIPPED[goldSign] === answerSign;
  if (!isSame && !isFlip) return incorrect('relation-differs');
  const ratio = symbols.length === 0 ? undefined : constantRatio(a, b, symbols, how);
  if (typeof ratio === 'number') {
    if (goldSign === '=' || goldSign === '!=' || goldSign === '~') return correct('equation-equal');
    return ratio > 0 === isSame ? correct('inequality-equal') : incorrect('relation-differs');
  }
  if (goldSign !== '=' || symbols.length === 0) return undecided('relation-form');
  if (facts(a).symbols.size !== facts(b).symbols.size) return incorrect('relation-differs');
  const witness = findWitness(a, b, symbols, how);
  how.trace?.push(`equations: ratio ${ratio ?? 'unknown'}, points of one on the other: ${witness}`);
  return witness === 'differs'
    ? incorrect('relation-differs')
    : undecided(witness === 'same' ? 'equation-form' : 'relation-form');
}
