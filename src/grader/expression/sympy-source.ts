import type { Expression } from './expression.ts';

/** Names of calls in SymPy; those that are missing can't be translated. */
const CALLS: Readonly<Record<string, string>> = {
  sin: 'sin',
  cos: 'cos',
  tan: 'tan',
  cot: 'cot',
  sec: 'sec',
  csc: 'csc',
  asin: 'asin',
  acos: 'acos',
  atan: 'atan',
  acot: 'acot',
  sinh: 'sinh',
  cosh: 'cosh',
  tanh: 'tanh',
  coth: 'coth',
  asinh: 'asinh',
  acosh: 'acosh',
  atanh: 'atanh',
  exp: 'exp',
  ln: 'log',
  abs: 'Abs',
  floor: 'floor',
  ceil: 'ceiling',
  factorial: 'factorial',
  'double-factorial': 'factorial2',
  binomial: 'binomial',
  gamma: 'gamma',
  max: 'Max',
  min: 'Min',
  gcd: 'gcd',
  lcm: 'lcm',
  sgn: 'sign',
  mod: 'Mod',
  Re: 're',
  Im: 'im',
  arg: 'arg',
  cbrt: 'cbrt',
}; // prettier-ignore

/** Powers of this size would be multiplied out for minutes. */
const MAX_LITERAL_EXPONENT = 10_000n;

/**
 * SymPy source of an expression, its symbols as `symbols[i]` of `names`. undefined where there is no translation.
 * Nothing of the answer's text reaches the program but numerals.
 */
export function sympySource(of: Expression, names: string[]): string | undefined {
  const join = (parts: readonly Expression[], operator: string): string | undefined => {
    const sources = parts.map((part) => sympySource(part, names));
    return sources.includes(undefined) ? undefined : `(${sources.join(operator)})`;
  };
  switch (of.kind) {
    case 'number':
      return `Rational(${of.value.numerator}, ${of.value.denominator})`;
    case 'constant':
      return { pi: 'pi', e: 'E', i: 'I', infinity: 'oo' }[of.name];
    case 'symbol': {
      if (!names.includes(of.name)) names.push(of.name);
      return `symbols_[${names.indexOf(of.name)}]`;
    }
    case 'add':
      return join(of.terms, ' + ');
    case 'multiply':
      return join(of.factors, ' * ');
    case 'divide':
      return join([of.numerator, of.denominator], ' / ');
    case 'power':
      if (of.exponent.kind === 'number' && of.exponent.value.numerator > MAX_LITERAL_EXPONENT) return undefined;
      if (of.exponent.kind === 'power' && of.base.kind === 'number') return undefined;
      return join([of.base, of.exponent], ' ** ');
    case 'negate': {
      const inner = sympySource(of.of, names);
      return inner && `(-${inner})`;
    }
    case 'plus-minus':
      return undefined;
    case 'call': {
      const args = join(of.arguments, ', ');
      if (args === undefined) return undefined;
      if (of.name === 'sqrt') return of.arguments.length === 2 ? `root${args}` : `sqrt${args}`;
      if (of.name === 'log') return of.arguments.length === 2 ? `log${args}` : `log${args}`;
      if (of.name === 'log10') return `(log${args} / log(10))`;
      if (of.name === 'percent') return `(${args} / 100)`;
      if (of.name === 'degree') return args;
      const name = CALLS[of.name];
      return name && `${name}${args}`;
    }
    case 'opaque': {
      const [variable, lower, upper, body] = of.arguments.map((part) => sympySource(part, names));
      if (variable === undefined || lower === undefined || of.arguments[0]?.kind !== 'symbol') return undefined;
      if (of.name === 'lim' && upper !== undefined && body === undefined)
        return `limit(${upper}, ${variable}, ${lower})`;
      if (upper === undefined || body === undefined) return undefined;
      const name = { sum: 'summation', prod: 'product', int: 'integrate' }[of.name];
      return name && `${name}(${body}, (${variable}, ${lower}, ${upper}))`;
    }
  }
}
