import type { Rational } from '../number/rational.ts';

/** One scalar expression. `call` covers functions, roots, factorials and marks such as `degree` and `percent`. */
export type Expression =
  | NumberLiteral
  | { readonly kind: 'constant'; readonly name: 'pi' | 'e' | 'i' | 'infinity' }
  | { readonly kind: 'symbol'; readonly name: string }
  | { readonly kind: 'add'; readonly terms: readonly Expression[] }
  | { readonly kind: 'multiply'; readonly factors: readonly Expression[] }
  | { readonly kind: 'divide'; readonly numerator: Expression; readonly denominator: Expression }
  | { readonly kind: 'power'; readonly base: Expression; readonly exponent: Expression }
  | { readonly kind: 'negate'; readonly of: Expression }
  | { readonly kind: 'plus-minus'; readonly isInverted: boolean; readonly of: Expression }
  | { readonly kind: 'call'; readonly name: string; readonly arguments: readonly Expression[] }
  /** Sums, integrals, limits: compared by shape only. */
  | { readonly kind: 'opaque'; readonly name: string; readonly arguments: readonly Expression[] };

export interface NumberLiteral {
  readonly kind: 'number';
  readonly value: Rational;
  /** Digits written after the point, less the power of ten of scientific notation; 0 for an exact number. */
  readonly decimals: number;
  /** Significant digits as written. */
  readonly significant: number;
}

/** Parts of an expression, one level down. */
export function children(of: Expression): readonly Expression[] {
  switch (of.kind) {
    case 'number':
    case 'constant':
    case 'symbol':
      return [];
    case 'add':
      return of.terms;
    case 'multiply':
      return of.factors;
    case 'divide':
      return [of.numerator, of.denominator];
    case 'power':
      return [of.base, of.exponent];
    case 'negate':
    case 'plus-minus':
      return [of.of];
    case 'call':
    case 'opaque':
      return of.arguments;
  }
}

export function some(of: Expression, test: (part: Expression) => boolean): boolean {
  return test(of) || children(of).some((child) => some(child, test));
}

/** Name of every variable that a sum, product or integral binds. */
export const BOUND = 'bound';

export function symbolsOf(of: Expression, into: Set<string> = new Set()): Set<string> {
  if (of.kind === 'symbol' && of.name !== BOUND) into.add(of.name);
  for (const child of children(of)) symbolsOf(child, into);
  return into;
}

/** The same expression with every part replaced from the leaves up. */
export function transform(of: Expression, change: (part: Expression) => Expression): Expression {
  const step = (part: Expression) => transform(part, change);
  switch (of.kind) {
    case 'number':
    case 'constant':
    case 'symbol':
      return change(of);
    case 'add':
      return change({ ...of, terms: of.terms.map(step) });
    case 'multiply':
      return change({ ...of, factors: of.factors.map(step) });
    case 'divide':
      return change({ ...of, numerator: step(of.numerator), denominator: step(of.denominator) });
    case 'power':
      return change({ ...of, base: step(of.base), exponent: step(of.exponent) });
    case 'negate':
    case 'plus-minus':
      return change({ ...of, of: step(of.of) });
    case 'call':
    case 'opaque':
      return change({ ...of, arguments: of.arguments.map(step) });
  }
}

/** `\pm` and `\mp` read with the upper sign (`+1`) or the lower one (`-1`), all together. */
export function withSign(of: Expression, sign: 1 | -1): Expression {
  return transform(of, (part) =>
    part.kind === 'plus-minus' ? ((sign === 1) !== part.isInverted ? part.of : { kind: 'negate', of: part.of }) : part,
  );
}

/** A text that is the same for expressions which differ only in the order of terms and factors, and in spelling. */
export function canonicalText(of: Expression): string {
  switch (of.kind) {
    case 'number':
      return of.value.denominator === 1n ? `${of.value.numerator}` : `${of.value.numerator}/${of.value.denominator}`;
    case 'constant':
      return of.name;
    case 'symbol':
      return `'${of.name}`;
    case 'add':
      return `(+${of.terms.map(canonicalText).sort().join(' ')})`;
    case 'multiply':
      return `(*${of.factors.map(canonicalText).sort().join(' ')})`;
    case 'divide':
      return `(/${canonicalText(of.numerator)} ${canonicalText(of.denominator)})`;
    case 'power':
      return `(^${canonicalText(of.base)} ${canonicalText(of.exponent)})`;
    case 'negate':
      return `(-${canonicalText(of.of)})`;
    case 'plus-minus':
      return `(${of.isInverted ? '-+' : '+-'}${canonicalText(of.of)})`;
    case 'call':
    case 'opaque':
      return `(${of.name} ${of.arguments.map(canonicalText).join(' ')})`;
  }
}
