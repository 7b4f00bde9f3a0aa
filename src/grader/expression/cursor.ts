import { rational } from '../number/rational.ts';
import type { Expression } from './expression.ts';
import type { Token } from './tokens.ts';

export const MAX_DEPTH = 60;

/** The rules of the grammar that call each other in a circle; the parser hands them in, so that no file imports its caller. */
export interface Rules {
  /** Terms joined by signs. */
  readonly sum: (c: Cursor) => Expression;
  /** Factors joined by multiplication and division. */
  readonly term: (c: Cursor) => Expression;
  readonly signedFactor: (c: Cursor) => Expression;
  /** A primary with its exponents and marks. */
  readonly factor: (c: Cursor) => Expression;
  /** A number, a name, a call or a bracket. */
  readonly primary: (c: Cursor) => Expression;
}

const NOTHING: Expression = { kind: 'symbol', name: '' };

/**
 * Where the expression parser stands in tokens[from, to). Failure is a flag, not an exception: `fail` moves to the end, so that every
 * rule returns at once. Depth is bounded and every step consumes a token, so the work is linear.
 */
export class Cursor {
  at: number;
  depth = 0;
  /** Open absolute-value bars: inside them a bar closes. */
  bars = 0;
  failure: string | undefined;
  /** A copy: the parser splits tokens in place (`\\frac12`, `ab`). */
  readonly tokens: Token[];
  readonly to: number;
  readonly rules: Rules;

  constructor(tokens: readonly Token[], from: number, to: number, rules: Rules) {
    this.rules = rules;
    this.tokens = tokens.slice(0, to);
    this.at = from;
    this.to = to;
  }

  fail(why: string): Expression {
    this.failure ??= why;
    this.at = this.to;
    return NOTHING;
  }

  peek(): Token | undefined {
    return this.at < this.to ? this.tokens[this.at] : undefined;
  }

  isOperator(text: string): boolean {
    const token = this.peek();
    return token !== undefined && token.kind === 'operator' && token.text === text;
  }

  isCommand(text: string): boolean {
    const token = this.peek();
    return token !== undefined && token.kind === 'command' && token.text === text;
  }

  /** Puts what is left of a split token back in the current place. */
  leave(token: Token, text: string, value?: bigint): void {
    this.tokens[this.at] = {
      ...token,
      text,
      isSpaced: false,
      ...(value !== undefined && { value: { numerator: value, denominator: 1n } }),
    };
  }
}

export function literal(value: bigint): Expression {
  return {
    kind: 'number',
    value: rational(value) ?? { numerator: value, denominator: 1n },
    decimals: 0,
    significant: 1,
  };
}

export function call(name: string, ...args: Expression[]): Expression {
  return { kind: 'call', name, arguments: args };
}

export function product(factors: Expression[]): Expression {
  const [only] = factors;
  if (factors.length === 1 && only) return only;
  return { kind: 'multiply', factors: factors.flatMap((f) => (f.kind === 'multiply' ? f.factors : [f])) };
}

/** A single letter: `e` and `i` are constants. */
export function letter(name: string): Expression {
  if (name === 'e' || name === 'i') return { kind: 'constant', name };
  return { kind: 'symbol', name };
}
