import { evaluateExactly } from '../expression/exact.ts';
import { canonicalText, children, type Expression, some, symbolsOf } from '../expression/expression.ts';
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

const STEPWISE = new Set(['floor', 'ceil', 'mod', 'gcd', 'lcm', 'abs', 'max', 'min', 'sgn']);

/** What an expression holds somewhere, found in one pass. */
class Marks {
  hasPi = false;
  hasDegree = false;
  hasImaginary = false;
  isOpaque = false;
  isStepwise = false;
  isNowhere = false;
  hasBareLog = false;

  visit(of: Expression): void {
    if (of.kind === 'constant') {
      if (of.name === 'pi') this.hasPi = true;
      else if (of.name === 'i') this.hasImaginary = true;
    } else if (of.kind === 'call') {
      if (of.name === 'degree') this.hasDegree = true;
      else if (of.name === 'log' && of.arguments.length === 1) this.hasBareLog = true;
      else if (STEPWISE.has(of.name)) this.isStepwise = true;
    } else if (of.kind === 'opaque') this.isOpaque = true;
    else if (of.kind === 'divide' && of.denominator.kind === 'number' && of.denominator.value.numerator === 0n)
      this.isNowhere = true;
    for (const child of children(of)) this.visit(child);
  }
}

const factsOf = new WeakMap<Expression, Facts>();

export function facts(of: Expression): Facts {
  const known = factsOf.get(of);
  if (known) return known;
  const symbols = symbolsOf(of);
  const marks = new Marks();
  marks.visit(of);
  let canonical: string | undefined;
  const result: Facts = {
    symbols,
    exact: symbols.size === 0 ? evaluateExactly(of, { left: 8000 }) : undefined,
    get canonical() {
      canonical ??= canonicalText(of);
      return canonical;
    },
    hasPi: marks.hasPi,
    hasDegree: marks.hasDegree,
    hasImaginary: marks.hasImaginary,
    isOpaque: marks.isOpaque,
    isStepwise: marks.isStepwise,
    isNowhere: marks.isNowhere,
    hasBareLog: marks.hasBareLog,
  };
  factsOf.set(of, result);
  return result;
}
