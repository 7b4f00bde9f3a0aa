import { evaluateExactly } from '../expression/exact.ts';
import { type Expression, some, transform } from '../expression/expression.ts';
import { evaluate } from '../expression/numeric.ts';
import { isFiniteComplex, magnitude } from '../number/complex.ts';
import { compareRationals, divide, isEqual, isInteger, multiply, type Rational, rational } from '../number/rational.ts';
import type { Scalar } from '../structure/structure.ts';
import { agreesAsDouble, agreesByRounding, holdsDouble, literalOf, looseDecimals } from './decimals.ts';
import { facts, hasCall } from './facts.ts';
import { type Comparison, correct, incorrect, type Outcome, undecided } from './outcome.ts';
import { compareAtPoints } from './points.ts';

const HUNDRED: Rational = { numerator: 100n, denominator: 1n };

function isPercent(of: Expression): boolean {
  return of.kind === 'call' && of.name === 'percent';
}

function compareExact(gold: Expression, answer: Expression, a: Rational, b: Rational, how: Comparison): Outcome {
  if (isEqual(a, b)) return correct(isInteger(a) ? 'integer-equal' : 'number-equal');
  const { options } = how;
  if (options.decimals === 'rounding' && (holdsDouble(gold) || holdsDouble(answer)) && agreesAsDouble(a, b))
    return correct('double-equal');
  if (options.percent === 'marked' && isPercent(gold) !== isPercent(answer)) {
    const bare = isPercent(gold) ? multiply(a, HUNDRED) : a;
    const other = isPercent(answer) ? multiply(b, HUNDRED) : b;
    if (bare && other && isEqual(bare, other)) return correct('percent-equal');
    if (bare && other && agreesByRounding(literalOf(gold), bare, literalOf(answer), other, options))
      return correct('percent-rounded');
  }
  // A percentage is rounded in percent: 6.67 % of 1/15.
  const scale = isPercent(gold) || isPercent(answer) ? HUNDRED : undefined;
  const inPercent = (side: Expression) => (scale && !isPercent(side) ? undefined : literalOf(side));
  const [goldValue, answerValue] = [scale ? (multiply(a, scale) ?? a) : a, scale ? (multiply(b, scale) ?? b) : b];
  if (agreesByRounding(inPercent(gold), goldValue, inPercent(answer), answerValue, options))
    return correct('rounded-equal');
  if (options.relativeTolerance > 0 && isWithin(a, b, options.relativeTolerance)) return correct('within-tolerance');
  return incorrect('number-differs');
}

function isWithin(a: Rational, b: Rational, tolerance: number): boolean {
  const ratio = a.numerator === 0n ? undefined : divide(b, a);
  const limit = rational(BigInt(Math.round(tolerance * 1e15)), 10n ** 15n);
  if (ratio === undefined || limit === undefined) return false;
  const difference = rational(ratio.numerator - ratio.denominator, ratio.denominator);
  if (difference === undefined) return false;
  const size = difference.numerator < 0n ? { ...difference, numerator: -difference.numerator } : difference;
  return compareRationals(size, limit) <= 0;
}

const SAMPLE_RATIONALS: readonly (readonly [bigint, bigint])[] = [
  [7n, 3n],
  [-5n, 7n],
  [11n, 2n],
  [13n, 17n],
  [-19n, 5n],
  [29n, 23n],
];

/** Floors and remainders can agree at a few points by chance: thirty integers as well. */
function compareSteps(
  gold: Expression,
  answer: Expression,
  symbols: readonly string[],
  how: Comparison,
): Outcome | undefined {
  let valid = 0;
  for (let step = 0; step < 30 && (valid > 0 || step < 4); step++) {
    const values = new Map(
      symbols.map((symbol, k) => [
        symbol,
        { numerator: BigInt(1 + ((step * (2 * k + 1) + 5 * k) % 31)), denominator: 1n },
      ]),
    );
    const a = evaluateExactly(gold, how.budget, values);
    const b = a && evaluateExactly(answer, how.budget, values);
    if (a === undefined || b === undefined) continue;
    valid++;
    if (!isEqual(a, b)) return incorrect('expression-differs');
  }
  return valid >= 20 ? correct('expression-equal') : undefined;
}

/** Rational functions are compared exactly at rational points: a difference anywhere is a proof. */
function compareRationalFunctions(gold: Expression, answer: Expression, how: Comparison): Outcome | undefined {
  const symbols = [...new Set([...facts(gold).symbols, ...facts(answer).symbols])].sort();
  const isStepwise = facts(gold).isStepwise || facts(answer).isStepwise;
  let valid = 0;
  for (let round = 0; round < 4; round++) {
    const values = new Map<string, Rational>();
    symbols.forEach((symbol, k) => {
      const [numerator, denominator] = SAMPLE_RATIONALS[(round + k) % SAMPLE_RATIONALS.length] ?? [7n, 3n];
      values.set(
        symbol,
        rational(numerator * BigInt(3 * k + 2 * round + 5), denominator * BigInt(k + round + 1)) ?? {
          numerator,
          denominator,
        },
      );
    });
    const a = evaluateExactly(gold, how.budget, values);
    const b = a && evaluateExactly(answer, how.budget, values);
    if (a === undefined || b === undefined) {
      if (round === 0) return isStepwise ? compareSteps(gold, answer, symbols, how) : undefined;
      continue;
    }
    valid++;
    if (!isEqual(a, b)) return looseDecimals(gold, answer, how.options) ? undefined : incorrect('expression-differs');
  }
  if (valid < 2) return undefined;
  return isStepwise ? compareSteps(gold, answer, symbols, how) : correct('expression-equal');
}

/** Whether an expression holds a power of a negative number such as `(-1)^n`, which only integers make real. */
function hasAlternation(of: Expression): boolean {
  return some(
    of,
    (part) =>
      part.kind === 'power' &&
      facts(part.exponent).symbols.size > 0 &&
      facts(part.base).symbols.size === 0 &&
      (part.base.kind === 'negate' || (facts(part.base).exact?.numerator ?? 0n) < 0n),
  );
}

const FEWEST_INTEGERS = 12;

/** Sequences: exactly at small integers, else numerically. Whatever agrees at twelve of them and more is the same. */
function compareAtIntegers(gold: Expression, answer: Expression, how: Comparison): Outcome {
  const symbols = [...new Set([...facts(gold).symbols, ...facts(answer).symbols])].sort();
  let valid = 0;
  for (let step = 0; step < 20; step++) {
    how.budget.left -= 60;
    if (how.budget.left < 0) return undecided('work-limit');
    const values = new Map(symbols.map((symbol, k) => [symbol, 1 + ((step * (2 * k + 1) + 3 * k) % 23)]));
    const [a, b] = [gold, answer].map((side) =>
      evaluate(side, { symbols: values, perDegree: 1, logBase: 'e', decimalShift: 0, largest: 0, domainBreaks: 0 }),
    );
    if (!a || !b || !isFiniteComplex(a) || !isFiniteComplex(b)) continue;
    valid++;
    const distance = magnitude({ re: a.re - b.re, im: a.im - b.im });
    if (distance > 1e-9 * Math.max(magnitude(a), magnitude(b), 1e-3)) return incorrect('expression-differs');
  }
  return valid >= FEWEST_INTEGERS ? correct('expression-equal') : undecided('too-few-valid-points');
}

const PARAMETERS = /^[kmnl]$/;

/** `\vec a`, `\mathbf{a}` and `A` are written for each other. */
function bareName(name: string): string {
  return name.replace(/^(?:vec|overrightarrow|hat|bar|overline|widehat):/, '').toLowerCase();
}

/** `x^2 + C` and `x^2 + K`. */
function areConstants(gold: string, answer: string): boolean {
  return /^[CK](?:_\{?1\}?)?$/.test(gold) && /^[CKck](?:_\{?1\}?)?$/.test(answer);
}

/** The answer with the gold's letters where they name the same thing: `n\\pi` for `k\\pi`, `c` for `C`. */
function sameParameter(gold: Expression, answer: Expression): Expression | undefined {
  const [a, b] = [facts(gold), facts(answer)];
  const missing = [...a.symbols].filter((name) => !b.symbols.has(name));
  const extra = [...b.symbols].filter((name) => !a.symbols.has(name));
  if (missing.length === 0 || missing.length !== extra.length || missing.length > 3) return undefined;
  const isFamily =
    missing.length === 1 &&
    ((a.hasPi && b.hasPi) || (a.hasDegree && b.hasDegree)) &&
    PARAMETERS.test(missing[0] ?? '') &&
    PARAMETERS.test(extra[0] ?? '');
  const renames = new Map<string, string>();
  for (const name of extra) {
    const like = isFamily
      ? missing[0]
      : missing.find((other) => bareName(other) === bareName(name) || areConstants(other, name));
    if (like === undefined) return undefined;
    renames.set(name, like);
  }
  return transform(answer, (part) =>
    part.kind === 'symbol' ? { ...part, name: renames.get(part.name) ?? part.name } : part,
  );
}

/** `\overline{CD}` as `CD` where the other side writes it so; undefined where there is none. */
function withoutSegments(of: Expression, others: ReadonlySet<string>): Expression | undefined {
  const isSegment = (name: string) => /^(?:overline|bar):[A-Z]{2}$/.test(name) && !others.has(name);
  if (![...facts(of).symbols].some(isSegment)) return undefined;
  return transform(of, (part) =>
    part.kind === 'symbol' && isSegment(part.name)
      ? { kind: 'multiply', factors: Array.from(part.name.slice(-2), (name): Expression => ({ kind: 'symbol', name })) }
      : part,
  );
}

/** Names of the imaginary unit in other languages than LaTeX, and of Euler's number. */
const IMAGINARY = /^(?:I|j|imath|jmath)$/;

/** `2*I`, `3+4j` and `E**2` of a program, where the gold has the constant and not the name; undefined where there are none. */
function withConstants(gold: Expression, answer: Expression): Expression | undefined {
  const [a, b] = [facts(gold), facts(answer)];
  const isUnit = (name: string) => IMAGINARY.test(name) && !a.symbols.has(name) && a.hasImaginary && !b.hasImaginary;
  const isEuler = (name: string) => name === 'E' && !a.symbols.has('E');
  if (![...b.symbols].some((name) => isUnit(name) || isEuler(name))) return undefined;
  return transform(answer, (part) => {
    if (part.kind !== 'symbol') return part;
    if (isUnit(part.name)) return { kind: 'constant', name: 'i' };
    return isEuler(part.name) ? { kind: 'constant', name: 'e' } : part;
  });
}

/** Whether two scalars are the same number or the same expression. */
export function compareExpressions(gold: Expression, answer: Expression, how: Comparison): Outcome {
  const [a, b] = [facts(gold), facts(answer)];
  if (gold.kind === 'call' && gold.name === 'in-base' && answer.kind === 'number' && gold.arguments[0])
    return compareExpressions(gold.arguments[0], answer, how);
  if (a.exact && b.exact && !a.hasDegree === !b.hasDegree) return compareExact(gold, answer, a.exact, b.exact, how);
  if (a.isNowhere !== b.isNowhere) return incorrect('domain-differs');
  // `205_5` is no numeral.
  if ((hasCall(gold, 'in-base') && !a.exact) !== (hasCall(answer, 'in-base') && !b.exact))
    return incorrect('no-numeral');
  if (a.canonical === b.canonical) return correct('same-form');
  if (a.isOpaque || b.isOpaque) {
    const symbols = [...new Set([...a.symbols, ...b.symbols])].sort();
    return compareSteps(gold, answer, symbols, how) ?? undecided('needs-algebra');
  }
  const renamedConstants = withConstants(gold, answer);
  if (renamedConstants) return compareExpressions(gold, renamedConstants, how);
  const [goldPlain, answerPlain] = [withoutSegments(gold, b.symbols), withoutSegments(answer, a.symbols)];
  if (goldPlain || answerPlain) return compareExpressions(goldPlain ?? gold, answerPlain ?? answer, how);
  const renamed = sameParameter(gold, answer);
  if (renamed) return compareExpressions(gold, renamed, how);
  // A degree mark converts only against radians.
  const usesRadians = (a.hasDegree && !b.hasDegree && b.hasPi) || (b.hasDegree && !a.hasDegree && a.hasPi);
  if (a.exact && b.exact && !usesRadians) return compareExact(gold, answer, a.exact, b.exact, how);
  if (a.symbols.size + b.symbols.size > 0) {
    const outcome = compareRationalFunctions(gold, answer, how);
    if (outcome) return outcome;
  }
  const perDegree = usesRadians ? Math.PI / 180 : 1;
  const outcome = compareAtPoints(gold, answer, how, perDegree, ['e', 'e']);
  if (outcome.verdict !== 'correct' && (hasAlternation(gold) || hasAlternation(answer)))
    return compareAtIntegers(gold, answer, how);
  if (outcome.verdict !== 'incorrect' || !(a.hasBareLog || b.hasBareLog)) return outcome;
  for (const logs of [
    ['10', '10'],
    ['10', 'e'],
    ['e', '10'],
  ] as const) {
    const other = compareAtPoints(gold, answer, how, perDegree, logs);
    if (other.verdict === 'correct') return other;
  }
  return outcome;
}

export function compareScalars(gold: Scalar, answer: Scalar, how: Comparison): Outcome {
  return compareExpressions(gold.expression, answer.expression, how);
}
