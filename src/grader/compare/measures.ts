import type { Expression } from '../expression/expression.ts';
import type { Answer, Ratio, Scalar, Time } from '../structure/structure.ts';
import { readUnit } from '../structure/units.ts';
import { type Comparison, correct, every, incorrect, type Outcome } from './outcome.ts';
import { compareExpressions, compareScalars } from './scalars.ts';

function quotient(numerator: Expression, denominator: Expression): Expression {
  return { kind: 'divide', numerator, denominator };
}

export function compareRatios(gold: Ratio, answer: Answer, how: Comparison): Outcome {
  const [a, b] = gold.parts;
  if (answer.kind === 'scalar' && gold.parts.length === 2 && a && b)
    return compareExpressions(quotient(a, b), answer.expression, how);
  if (answer.kind !== 'ratio') return incorrect('kind-differs');
  if (answer.parts.length !== gold.parts.length) return incorrect('count-differs');
  const outcomes: Outcome[] = [];
  for (let k = 1; k < gold.parts.length; k++) {
    const [g0, gk, a0, ak] = [gold.parts[0], gold.parts[k], answer.parts[0], answer.parts[k]];
    if (g0 && gk && a0 && ak)
      outcomes.push(
        compareExpressions({ kind: 'multiply', factors: [g0, ak] }, { kind: 'multiply', factors: [a0, gk] }, how),
      );
  }
  return every(outcomes, 'ratio-equal');
}

/** `6:10` read as a time, as the ratio that it may be. */
export function asRatio(time: Time): Ratio | undefined {
  if (time.half !== undefined) return undefined;
  return { kind: 'ratio', parts: [integer(BigInt(Math.floor(time.minutes / 60))), integer(BigInt(time.minutes % 60))] };
}

export function compareTimes(gold: Time, answer: Answer): Outcome {
  if (answer.kind !== 'time') return incorrect('kind-differs');
  const minutes = (time: Time) =>
    time.half === undefined ? time.minutes : (time.minutes % 720) + (time.half === 'pm' ? 720 : 0);
  // `19:00` says its half of the day as `7:00 pm` does.
  const isDefinite = (time: Time) => time.half !== undefined || time.minutes >= 13 * 60;
  const isSame =
    isDefinite(gold) && isDefinite(answer)
      ? minutes(gold) === minutes(answer)
      : gold.minutes % 720 === answer.minutes % 720;
  return isSame ? correct('time-equal') : incorrect('time-differs');
}

export function compareWithUnits(gold: Scalar, answer: Scalar, how: Comparison): Outcome {
  const [a, b] = [
    gold.unit === undefined ? undefined : readUnit(gold.unit),
    answer.unit === undefined ? undefined : readUnit(answer.unit),
  ];
  const [goldNumber, answerNumber] = [beforeUnit(gold, answer.unit), beforeUnit(answer, gold.unit)];
  if (goldNumber) return compareExpressions(goldNumber, answer.expression, how);
  if (answerNumber) return compareExpressions(gold.expression, answerNumber, how);
  if (how.options.units === 'required' && a && !b) return incorrect('unit-missing');
  if (!a || !b || (a.dimension === b.dimension && a.factor[0] * b.factor[1] === b.factor[0] * a.factor[1]))
    return compareScalars(gold, answer, how);
  if (a.isKnown && b.isKnown) {
    if (a.dimension !== b.dimension) return incorrect('unit-differs');
    const scaled: Expression = {
      kind: 'multiply',
      factors: [answer.expression, unitFactor(b.factor[0] * a.factor[1], b.factor[1] * a.factor[0])],
    };
    const outcome = compareExpressions(gold.expression, scaled, how);
    return outcome.verdict === 'correct' ? outcome : incorrect('unit-differs');
  }
  const words = new Set(a.dimension.split(' ').map((word) => word.replace(/s$/, '')));
  const shares = b.dimension.split(' ').some((word) => words.has(word.replace(/s$/, '')));
  return shares || a.isKnown !== b.isKnown ? compareScalars(gold, answer, how) : incorrect('unit-differs');
}

/** `0.64N` against `0.64 N`: the letter that one side takes for a factor is the other's unit. */
function beforeUnit({ expression, unit }: Scalar, other: string | undefined): Expression | undefined {
  if (unit !== undefined || other === undefined || expression.kind !== 'multiply') return undefined;
  const [number, letter, ...rest] = expression.factors;
  const isMeasure = number?.kind === 'number' && letter?.kind === 'symbol' && rest.length === 0;
  return isMeasure && letter.name === other ? number : undefined;
}

function unitFactor(above: number, below: number): Expression {
  // Factors of the table are decimal: twelve digits make them exact again.
  const scale = 10 ** (12 - Math.ceil(Math.log10(Math.max(above, below))));
  const exact = (factor: number) => integer(BigInt(Math.round(factor * scale)));
  return { kind: 'divide', numerator: exact(above), denominator: exact(below) };
}

export function integer(value: bigint): Expression {
  return { kind: 'number', value: { numerator: value, denominator: 1n }, decimals: 0, significant: 12 };
}
