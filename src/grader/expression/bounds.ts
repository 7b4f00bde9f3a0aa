import type { Cursor } from './cursor.ts';
import { BOUND, type Expression, transform } from './expression.ts';

/** `_{k=1}^{n}`: the part after the mark as `[variable, value]` or `[undefined, value]`. */
function bound(c: Cursor): readonly [Expression | undefined, Expression] {
  const isBraced = c.isOperator('{');
  if (!isBraced) return [undefined, c.isOperator('-') ? c.rules.signedFactor(c) : c.rules.primary(c)];
  c.at++;
  let first = c.rules.sum(c);
  let variable: Expression | undefined;
  if (c.isOperator('=') || c.isCommand('to') || c.isCommand('rightarrow')) {
    c.at++;
    variable = first;
    first = c.rules.sum(c);
  }
  if (!c.isOperator('}')) c.fail('bounds');
  c.at++;
  return [variable, first];
}

/**
 * `\sum_{k=a}^{b} body`, `\int_a^b body \, dx`, `\lim_{x\to a} body` as `[variable, lower, upper, body]` (a limit without
 * `upper`). Other shapes fail.
 */
export function boundOperator(c: Cursor, name: string): Expression {
  let lower: readonly [Expression | undefined, Expression] | undefined;
  let upper: Expression | undefined;
  while (c.failure === undefined && (c.isOperator('_') || c.isOperator('^'))) {
    const isLower = c.isOperator('_');
    c.at++;
    if (isLower) lower = bound(c);
    else [, upper] = bound(c);
  }
  if (lower === undefined || c.failure !== undefined) return c.fail('bounds');
  const [variable, from] = lower;
  const body = c.rules.term(c);
  if (name === 'int') {
    const split = withoutDifferential(body);
    if (split === undefined || upper === undefined) return c.fail('integral');
    return { kind: 'opaque', name, arguments: bind(split.variable, from, upper, split.body) };
  }
  // The index `i` is no imaginary unit here.
  const isIndex = variable?.kind === 'symbol' || (variable?.kind === 'constant' && variable.name === 'i');
  if (variable === undefined || !isIndex) return c.fail('bounds');
  if (name === 'lim') return { kind: 'opaque', name, arguments: [variable, from, body] };
  if (upper === undefined || (name !== 'sum' && name !== 'prod')) return c.fail('bounds');
  return { kind: 'opaque', name, arguments: bind(variable, from, upper, body) };
}

function isNamed(part: Expression, name: string): boolean {
  return (part.kind === 'symbol' || part.kind === 'constant') && part.name === name;
}

/** The bound variable under one name, so that its name doesn't matter. */
function bind(variable: Expression, lower: Expression, upper: Expression, body: Expression): readonly Expression[] {
  const bound: Expression = { kind: 'symbol', name: BOUND };
  const name = variable.kind === 'symbol' || variable.kind === 'constant' ? variable.name : '';
  const renamed = transform(body, (part) =>
    isNamed(part, name)
      ? bound
      : part.kind === 'symbol' && part.name.endsWith(`_${name}`)
        ? { kind: 'symbol', name: `${part.name.slice(0, -name.length)}${BOUND}` }
        : part,
  );
  return [bound, lower, upper, renamed];
}

/** `f(x) dx` as factors: the last two are `d` and the variable. */
function withoutDifferential(body: Expression): { variable: Expression; body: Expression } | undefined {
  if (body.kind !== 'multiply') return undefined;
  const [d, variable] = body.factors.slice(-2);
  if (d?.kind !== 'symbol' || d.name !== 'd' || variable?.kind !== 'symbol') return undefined;
  const factors = body.factors.slice(0, -2);
  const [only] = factors;
  return { variable, body: factors.length === 1 && only ? only : { kind: 'multiply', factors } };
}
