import { evaluateExactly } from '../expression/exact.ts';
import { canonicalText, type Expression, some, symbolsOf } from '../expression/expression.ts';
import type { Rational } from '../number/rational.ts';

export function hasCall(of: Expression, name: string): boolean {
  return some(of, (part) => part.kind === 'call' && part.name === name);
}

/** Facts of a scalar that every comparison needs, computed once. */
interface Facts {
  readonly symbols: ReadonlySet<string>;
  readonly exact: Rational | undefined;
  readonly canonical: string;
  readonly hasPi: boolean;
  readonly hasDegree: boolean;
  readonly hasImaginary: boolean;
  readonly isOpaque: boolean;
  readonly hasBareLog: boolean;
  readonly isStepwise: boolean;
  /** A quotient by an exact 0. */
  readonly isNowhere: boolean;
}

const factsOf = new WeakMap<Expression, Facts>();

export function facts(of: Expression): Facts {
  const known = factsOf.get(of);
  if (known) return known;
  const symbols = symbolsOf(of);
  const result: Facts = {
    symbols,
    exact: symbols.size === 0 ? evaluateExactly(of, { left: 8000 }) : undefined,
    canonical: canonicalText(of),
    hasPi: some(of, (part) => part.kind === 'constant' && part.name === 'pi'),
    hasDegree: hasCall(of, 'degree'),
    hasImaginary: some(of, (part) => part.kind === 'constant' && part.name === 'i'),
    isOpaque: some(of, (part) => part.kind === 'opaque'),
    isStepwise: some(
      of,
      (part) => part.kind === 'call' && /^(?:floor|ceil|mod|gcd|lcm|abs|max|min|sgn)$/.test(part.name),
    ),
    isNowhere: some(
      of,
      (part) => part.kind === 'divide' && part.denominator.kind === 'number' && part.denominator.value.numerator === 0n,
    ),
    hasBareLog: some(of, (part) => part.kind === 'call' && part.name === 'log' && part.arguments.length === 1),
  };
  factsOf.set(of, result);
  return result;
}
