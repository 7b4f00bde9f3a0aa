import { type Budget, evaluateExactly } from '../expression/exact.ts';
import type { Expression } from '../expression/expression.ts';
import { divide, isInteger } from '../number/rational.ts';
import { type Answer, type Relation, UNNAMED_SYMBOL } from '../structure/structure.ts';
import { facts } from './facts.ts';
import { type Comparison, correct, every, incorrect, type Outcome, undecided } from './outcome.ts';
import { compareExpressions } from './scalars.ts';

export function isCongruence(answer: Answer): answer is Relation {
  return answer.kind === 'relation' && answer.signs.length === 2 && answer.signs[0] === 'mod';
}

const INTEGER_PARAMETERS = /^[a-zA-Z]$/;

/** `n = 3k + 1` as `n ≡ 1 (mod 3)`; undefined for what isn't linear in one further letter with integer coefficients. */
export function asCongruence(answer: Answer, budget: Budget): Relation | undefined {
  const [name, value] =
    answer.kind === 'relation' && answer.signs.length === 1 && answer.signs[0] === '=' ? answer.sides : [];
  if (name?.kind !== 'scalar' || value?.kind !== 'scalar' || name.expression.kind !== 'symbol') return undefined;
  const [parameter, ...more] = facts(value.expression).symbols;
  if (parameter === undefined || more.length > 0 || !INTEGER_PARAMETERS.test(parameter)) return undefined;
  const [at0, at1, at2] = [0n, 1n, 2n].map((k) =>
    evaluateExactly(value.expression, budget, new Map([[parameter, { numerator: k, denominator: 1n }]])),
  );
  if (!at0 || !at1 || !at2 || !isInteger(at0) || !isInteger(at1)) return undefined;
  const step = at1.numerator - at0.numerator;
  if (step === 0n || !isInteger(at2) || at2.numerator - at1.numerator !== step) return undefined;
  const number = (of: bigint): Answer => ({
    kind: 'scalar',
    expression: { kind: 'number', value: { numerator: of, denominator: 1n }, decimals: 0, significant: 9 },
  });
  return { kind: 'relation', sides: [name, number(at0.numerator), number(step)], signs: ['mod', 'mod'] };
}

/** `n ≡ 1 (mod 3)` and `n ≡ 4 (mod 3)`: the third side is the modulus. */
export function compareCongruences(gold: Relation, answer: Relation, how: Comparison): Outcome {
  const sides = [gold.sides, answer.sides].map((three) =>
    three.map((side) => (side.kind === 'scalar' ? side.expression : undefined)),
  );
  const [[a, residue, modulus] = [], [b, otherResidue, otherModulus] = []] = sides;
  if (!a || !b || !residue || !otherResidue || !modulus || !otherModulus) return undecided('congruence');
  const isUnnamed = [a, b].some((side) => side.kind === 'symbol' && side.name === UNNAMED_SYMBOL);
  const outer = every(
    [...(isUnnamed ? [] : [compareExpressions(a, b, how)]), compareModuli(modulus, otherModulus, how)],
    'congruence-equal',
  );
  if (outer.verdict !== 'correct') return outer;
  const difference = evaluateExactly(
    { kind: 'add', terms: [residue, { kind: 'negate', of: otherResidue }] },
    how.budget,
  );
  const size = evaluateExactly(modulus, how.budget);
  const quotient = difference && size && size.numerator !== 0n ? divide(difference, size) : undefined;
  if (quotient === undefined) return compareExpressions(residue, otherResidue, how);
  return isInteger(quotient) ? correct('congruence-equal') : incorrect('residue-differs');
}

/** A modulus counts without its sign: `1 - 3k` steps as `1 + 3k` does. */
function compareModuli(gold: Expression, answer: Expression, how: Comparison): Outcome {
  const outcome = compareExpressions(gold, answer, how);
  return outcome.verdict === 'correct' ? outcome : compareExpressions(gold, { kind: 'negate', of: answer }, how);
}
