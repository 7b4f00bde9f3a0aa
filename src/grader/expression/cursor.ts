import { rational } from '../number/rational.ts';
import type { Expression } from './expression.ts';
import type { Token } from './tokens.ts';

export const MAX_DEPTH = 60;
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

  constructor(tokens: readonly Token[], from: number, to: number) {
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
