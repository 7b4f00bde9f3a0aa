import type { Expression } from '../expression/expression.ts';
import type { Answer, Scalar } from './structure.ts';
import { readUnit } from './units.ts';

/** `2 hours 30 minutes`, `5 feet 6 inches`: one measure in its smallest unit; undefined for anything else. */
export function combineUnits(parts: readonly (Answer | undefined)[]): Scalar | undefined {
  if (parts.length < 2 || parts.length > 4) return undefined;
  let smallest: { readonly unit: string; readonly size: number; readonly dimension: string } | undefined;
  const terms: { readonly value: Expression; readonly size: number }[] = [];
  for (const part of parts) {
    if (part?.kind !== 'scalar' || part.unit === undefined || part.expression.kind !== 'number') return undefined;
    const unit = readUnit(part.unit);
    if (unit === undefined || !unit.isKnown) return undefined;
    const size = unit.factor[0] / unit.factor[1];
    if (smallest !== undefined && (unit.dimension !== smallest.dimension || size >= smallest.size)) return undefined;
    smallest = { unit: part.unit, size, dimension: unit.dimension };
    terms.push({ value: part.expression, size });
  }
  if (smallest === undefined) return undefined;
  const { size: base, unit } = smallest;
  const isWhole = terms.every(({ size }) => Math.abs(size / base - Math.round(size / base)) < 1e-9);
  if (!isWhole) return undefined;
  const scaled = terms.map(({ value, size }): Expression => {
    const numerator = BigInt(Math.round(size / base));
    const factor: Expression = { kind: 'number', value: { numerator, denominator: 1n }, decimals: 0, significant: 9 };
    return { kind: 'multiply', factors: [value, factor] };
  });
  return { kind: 'scalar', expression: { kind: 'add', terms: scaled }, unit };
}
