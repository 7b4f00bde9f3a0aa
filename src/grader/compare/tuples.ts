import type { Answer, Matrix } from '../structure/structure.ts';
import { inNameOrder, withoutLabel } from './labels.ts';
import { compareOrdered } from './lists.ts';
import { type Comparison, every, incorrect, type Outcome } from './outcome.ts';
import { isRegion } from './regions.ts';

export function asTuple(answer: Answer): readonly Answer[] | undefined {
  if (answer.kind === 'group' && answer.open !== '{') return answer.items;
  if (answer.kind === 'matrix') {
    if (answer.rows.every((row) => row.length === 1))
      return answer.rows.map((row) => row[0] ?? { kind: 'text', text: '' });
    if (answer.rows.length === 1) return answer.rows[0];
  }
  return undefined;
}

export function compareMatrices(gold: Matrix, answer: Matrix, how: Comparison): Outcome {
  const isDeterminant = (matrix: Matrix) => matrix.environment === 'vmatrix';
  if (isDeterminant(gold) !== isDeterminant(answer)) return incorrect('kind-differs');
  if (gold.rows.length !== answer.rows.length) return incorrect('shape-differs');
  return every(
    gold.rows.map((row, k) => compareOrdered(row, answer.rows[k] ?? [], how, 'matrix-equal')),
    'matrix-equal',
  );
}

/** `(1, 2)`, not `[1, 2]`, which may be an interval. */
export function isOpenTuple(side: Answer): boolean {
  return (
    side.kind === 'matrix' ||
    (side.kind === 'group' && (side.open === '(' || side.open === '<' || side.items.length > 2))
  );
}

export function compareOrderedValues(gold: readonly Answer[], answer: readonly Answer[], how: Comparison): Outcome {
  return compareOrdered(
    inNameOrder(gold).map((item) => withoutLabel(item, true)),
    inNameOrder(answer).map((item) => withoutLabel(item, false)),
    how,
    'tuple-equal',
  );
}

export function compareGroups(
  gold: Answer,
  answer: Answer,
  a: readonly Answer[],
  b: readonly Answer[],
  how: Comparison,
): Outcome {
  if (gold.kind === 'group' && answer.kind === 'group') {
    const isInterval = isRegion(gold) || isRegion(answer);
    if (isInterval && (gold.open !== answer.open || gold.close !== answer.close)) return incorrect('boundary-differs');
    const isPair = a.length === 2 && b.length === 2;
    const isBracketChange = gold.open !== answer.open && gold.open !== '<' && answer.open !== '<';
    // `(1, 2)` and `[1, 2]` of two numbers may be intervals.
    if (isBracketChange && isPair) return incorrect('boundary-differs');
  }
  return compareOrderedValues(a, b, how);
}
