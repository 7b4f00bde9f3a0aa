import { evaluateExactly } from '../expression/exact.ts';
import { divide, isInteger } from '../number/rational.ts';
import type { Relation } from '../structure/structure.ts';
import { type Comparison, correct, every, incorrect, type Outcome, undecided } from './outcome.ts';
import { compareExpressions } from './scalars.ts';

/** `n ≡ 1 (mod 3)` and `n ≡ 4 (mod 3)`: the third side is the modulus. */
export function compareCongruences(gold: Relation, answer: Relation, how: Comparison): Outcome {
  const sides = [gold.sides, answer.sides].map((three) =>
    three.map((side) => (side.kind === 'scalar' ? side.expression : undefined)),
  );
  const [[a, residue, modulus] = [], [b, otherResidue, otherModulus] = []] = sides;
  if (!a || !b || !residue || !otherResidue || !modulus || !otherModulus) return undecided('congruence');
  const outer = every(
    [compareExpressions(a, b, how), compareExpressions(modulus, otherModulus, how)],
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
