import { symbolsOf, transform } from '../expression/expression.ts';
import type { Answer, Relation } from './structure.ts';

/** `{2n + 1 | n ∈ ℤ}` as its element with `k` for the parameter; undefined for anything else. */
export function parameterFamily(element: Answer, condition: Relation): Answer | undefined {
  const [parameter, set] = condition.sides;
  const isMember = condition.signs.length === 1 && condition.signs[0] === 'in' && set?.kind === 'named-set';
  if (!isMember || set.name !== 'Z' || parameter?.kind !== 'scalar' || parameter.expression.kind !== 'symbol')
    return undefined;
  if (element.kind !== 'scalar' || element.expression.kind === 'symbol') return undefined;
  const { name } = parameter.expression;
  const names = symbolsOf(element.expression);
  if (!names.has(name) || (name !== 'k' && names.has('k'))) return undefined;
  const expression = transform(element.expression, (part) =>
    part.kind === 'symbol' && part.name === name ? { kind: 'symbol', name: 'k' } : part,
  );
  return { ...element, expression };
}
