import { type Rational, rational } from '../number/rational.ts';
import type { Expression } from './expression.ts';
import { DECORATIONS, FUNCTIONS, MULTIPLICATION, OPAQUE_COMMANDS, SYMBOL_COMMANDS } from './names.ts';
import { readNumberWords } from '../normalise/number-words.ts';
import { isShortWord } from '../normalise/prose.ts';
import type { Token } from './tokens.ts';

const MAX_DEPTH = 60;
const NOTHING: Expression = { kind: 'symbol', name: '' };
/** Letters before a bracket that mean a function, as in `f(x)`. */
const FUNCTION_LETTERS = new Set(['f', 'g', 'h', 'F', 'G', 'H']);
const PAIRS: ReadonlyMap<string, string> = new Map([
  ['(', ')'],
  ['[', ']'],
  ['{', '}'],
  ['\\{', '\\}'],
]);

function literal(value: bigint): Expression {
  return {
    kind: 'number',
    value: rational(value) ?? { numerator: value, denominator: 1n },
    decimals: 0,
    significant: 1,
  };
}

function call(name: string, ...args: Expression[]): Expression {
  return { kind: 'call', name, arguments: args };
}

function product(factors: Expression[]): Expression {
  const [only] = factors;
  if (factors.length === 1 && only) return only;
  return { kind: 'multiply', factors: factors.flatMap((f) => (f.kind === 'multiply' ? f.factors : [f])) };
}

/**
 * Recursive descent over tokens[from, to). Failure is a flag, not an exception: every rule returns at once when it is set.
 * Depth is bounded, every step consumes a token, so the work is linear.
 */
class ExpressionParser {
  private at: number;
  private depth = 0;
  private bars = 0;
  failure: string | undefined;

  constructor(
    private readonly tokens: readonly Token[],
    from: number,
    private readonly to: number,
  ) {
    this.at = from;
  }

  parseAll(): Expression {
    const result = this.sum();
    if (this.at < this.to) this.fail('unread');
    return result;
  }

  private fail(why: string): Expression {
    this.failure ??= why;
    this.at = this.to;
    return NOTHING;
  }

  private peek(): Token | undefined {
    return this.at < this.to ? this.tokens[this.at] : undefined;
  }

  private isOperator(text: string): boolean {
    const token = this.peek();
    return token !== undefined && token.kind === 'operator' && token.text === text;
  }

  private isCommand(text: string): boolean {
    const token = this.peek();
    return token !== undefined && token.kind === 'command' && token.text === text;
  }

  private sum(): Expression {
    if (++this.depth > MAX_DEPTH) return this.fail('too-deep');
    const terms: Expression[] = [];
    while (this.failure === undefined) {
      let negative = false;
      let plusMinus: boolean | undefined;
      let sawSign = false;
      for (;;) {
        if (this.isOperator('-')) negative = !negative;
        else if (this.isCommand('pm')) plusMinus = false;
        else if (this.isCommand('mp')) plusMinus = true;
        else if (!this.isOperator('+')) break;
        sawSign = true;
        this.at++;
      }
      if (terms.length > 0 && !sawSign) break;
      let term = this.term();
      if (negative) term = { kind: 'negate', of: term };
      if (plusMinus !== undefined) term = { kind: 'plus-minus', isInverted: plusMinus, of: term };
      terms.push(term);
    }
    this.depth--;
    const [only] = terms;
    return terms.length === 1 && only ? only : { kind: 'add', terms };
  }

  private term(): Expression {
    let left = this.signedFactor();
    const factors = [left];
    while (this.failure === undefined) {
      const token = this.peek();
      if (token === undefined) break;
      if (token.kind === 'operator' && token.text === '*') {
        this.at++;
        factors.push(this.signedFactor());
      } else if (token.kind === 'command' && MULTIPLICATION.has(token.text)) {
        this.at++;
        factors.push(this.signedFactor());
      } else if (
        (token.kind === 'operator' && token.text === '/') ||
        (token.kind === 'command' && token.text === 'div') ||
        (token.kind === 'operator' && token.text === '\\/')
      ) {
        this.at++;
        left = { kind: 'divide', numerator: product(factors.splice(0)), denominator: this.signedFactor() };
        factors.push(left);
      } else if (
        (token.kind === 'command' && token.text === 'bmod') ||
        (token.kind === 'word' && token.text === 'mod')
      ) {
        this.at++;
        left = call('mod', product(factors.splice(0)), this.signedFactor());
        factors.push(left);
      } else if (this.startsFactor(token)) {
        const next = this.factor();
        const mixed = mixedNumber(factors.at(-1), next, token);
        if (mixed) factors[factors.length - 1] = mixed;
        else factors.push(next);
      } else break;
    }
    return product(factors);
  }

  private startsFactor(token: Token): boolean {
    switch (token.kind) {
      case 'number':
        // `2 3` is no product; `x 2` and `(…)2` neither, but `\sqrt{3}2` is rare enough to lose.
        return this.isMixedAhead() || this.tokens[this.at - 1]?.text === '!';
      case 'word':
        return true;
      case 'text':
      case 'begin':
      case 'end':
        return false;
      case 'command':
        return (
          FUNCTIONS.has(token.text) ||
          OPAQUE_COMMANDS.has(token.text) ||
          SYMBOL_COMMANDS.has(token.text) ||
          DECORATIONS.has(token.text) ||
          [
            'frac',
            'binom',
            'pi',
            'infty',
            'lfloor',
            'lceil',
            'lvert',
            'lVert',
            'operatorname',
            'mathbb',
            'choose',
            'Vert',
          ].includes(token.text)
        ); // prettier-ignore
      case 'operator':
        return (
          token.text === '(' || token.text === '{' || token.text === '[' || (token.text === '|' && this.bars === 0)
        );
    }
  }

  /** At `1/2` after an integer and a space. */
  private isMixedAhead(): boolean {
    const [before, here, slash, below] = [-1, 0, 1, 2].map((offset) => this.tokens[this.at + offset]);
    return (
      before?.kind === 'number' &&
      here?.isSpaced === true &&
      slash?.text === '/' &&
      below?.kind === 'number' &&
      this.at + 2 < this.to
    );
  }

  private signedFactor(): Expression {
    if (this.isOperator('-') || this.isOperator('+') || this.isCommand('pm') || this.isCommand('mp')) {
      const sign = this.peek()?.text;
      this.at++;
      if (++this.depth > MAX_DEPTH) return this.fail('too-deep');
      const of = this.signedFactor();
      this.depth--;
      if (sign === '-') return { kind: 'negate', of };
      return sign === '+' ? of : { kind: 'plus-minus', isInverted: sign === 'mp', of };
    }
    return this.factor();
  }

  private factor(): Expression {
    if (this.isMixedAhead() && this.tokens[this.at - 1]?.kind === 'number') {
      const numerator = this.primary();
      this.at++;
      return { kind: 'divide', numerator, denominator: this.primary() };
    }
    return this.postfix(this.primary());
  }

  private postfix(base: Expression): Expression {
    let result = base;
    while (this.failure === undefined) {
      if (this.isOperator('^') || this.isOperator('**')) {
        this.at++;
        if (this.isDegreeMark()) result = this.degrees(result);
        else if (this.isOperator("'") || this.isCommand('prime')) this.at++;
        else result = { kind: 'power', base: result, exponent: this.exponent() };
      } else if (this.isCommand('circ') || this.isCommand('degree')) {
        result = this.degrees(result, true);
      } else if (this.isOperator('!')) {
        this.at++;
        result = call('factorial', result);
      } else if (this.isOperator('!!')) {
        this.at++;
        result = call('double-factorial', result);
      } else if (this.isOperator('%')) {
        this.at++;
        result = call('percent', result);
      } else if (this.isOperator('_') && result.kind === 'number') {
        this.at++;
        result = call('in-base', result, this.group());
      } else break;
    }
    return result;
  }

  private isDegreeMark(): boolean {
    if (this.isCommand('circ') || this.isCommand('degree')) return true;
    const next = this.tokens[this.at + 1];
    return (
      this.isOperator('{') && next?.kind === 'command' && next.text === 'circ' && this.tokens[this.at + 2]?.text === '}'
    );
  }

  /** After a number: `^\circ`, then perhaps minutes `30'`. */
  private degrees(of: Expression, isBare = false): Expression {
    this.at += !isBare && this.isOperator('{') ? 3 : 1;
    const [minutes, mark] = [this.tokens[this.at], this.tokens[this.at + 1]];
    if (this.at + 1 < this.to && minutes?.kind === 'number' && minutes.value && mark?.text === "'") {
      this.at += 2;
      const part: Expression = {
        kind: 'divide',
        numerator: numberOf(minutes, minutes.value),
        denominator: literal(60n),
      };
      return call('degree', { kind: 'add', terms: [of, part] });
    }
    return call('degree', of);
  }

  private exponent(): Expression {
    if (this.isOperator('{') || this.isOperator('(')) return this.primary();
    if (this.isOperator('-') || this.isOperator('+')) return this.signedFactor();
    return this.primary();
  }

  /** A braced group or a single token, as LaTeX takes arguments; digits one at a time. */
  private group(): Expression {
    if (this.isOperator('{')) return this.bracketed();
    const token = this.peek();
    if (token?.kind === 'number' && /^\d{2,}$/.test(token.text)) {
      // `\frac12`: the first digit is this argument, the rest stays.
      const rest = token.text.slice(1);
      const value = BigInt(rest);
      (this.tokens as Token[])[this.at] = {
        ...token,
        text: rest,
        value: { numerator: value, denominator: 1n },
        isSpaced: false,
      };
      return literal(BigInt(token.text.slice(0, 1)));
    }
    if (token?.kind === 'word' && token.text.length > 1 && !FUNCTIONS.has(token.text)) {
      (this.tokens as Token[])[this.at] = { ...token, text: token.text.slice(1), isSpaced: false };
      return letter(token.text.slice(0, 1));
    }
    if (this.isOperator('-')) return this.signedFactor();
    return this.primary();
  }

  private bracketed(): Expression {
    const open = this.peek()?.text ?? '';
    const close = PAIRS.get(open);
    if (++this.depth > MAX_DEPTH) return this.fail('too-deep');
    this.at++;
    const bars = this.bars;
    this.bars = 0;
    const [only] = [this.sum()];
    this.bars = bars;
    if (this.isCommand('choose')) {
      this.at++;
      const below = this.sum();
      if (!this.isOperator(close ?? '')) return this.fail('bracket');
      this.at++;
      this.depth--;
      return call('binomial', only, below);
    }
    if (close === undefined || !this.isOperator(close)) return this.fail('bracket');
    this.at++;
    this.depth--;
    return only;
  }

  private argumentsInBrackets(): Expression[] {
    this.at++;
    const result = [this.sum()];
    while (this.isOperator(',')) {
      this.at++;
      result.push(this.sum());
    }
    if (!this.isOperator(')') && !this.isOperator('\\}') && !this.isOperator(']')) this.fail('bracket');
    this.at++;
    return result;
  }

  private primary(): Expression {
    const token = this.peek();
    if (token === undefined) return this.fail('incomplete');
    switch (token.kind) {
      case 'number':
        this.at++;
        return token.value ? numberOf(token, token.value) : this.fail('huge-number');
      case 'word':
        return this.word(token);
      case 'command':
        return this.command(token.text);
      case 'operator':
        if (token.text === '(' || token.text === '{' || token.text === '[') return this.bracketed();
        if (token.text === '|' || token.text === '\\|') return this.absolute(token.text, token.text);
        return this.fail('operator');
      case 'text': {
        const value = readNumberWords(token.text);
        if (value === undefined) return this.fail('text');
        this.at++;
        return literal(BigInt(value));
      }
      case 'begin':
      case 'end':
        return this.fail(token.kind);
    }
  }

  private absolute(open: string, close: string): Expression {
    this.at++;
    this.bars++;
    const inner = this.sum();
    this.bars--;
    const token = this.peek();
    if (token?.text !== close) return this.fail('bracket');
    this.at++;
    return call(open === 'lfloor' ? 'floor' : open === 'lceil' ? 'ceil' : 'abs', inner);
  }

  private word(token: Token): Expression {
    const name = FUNCTIONS.get(token.text);
    if (name !== undefined) {
      this.at++;
      return this.functionCall(name);
    }
    if (token.text === 'pi' || token.text === 'Pi') {
      this.at++;
      return { kind: 'constant', name: 'pi' };
    }
    if (token.text === 'infinity' || token.text === 'inf' || token.text === 'oo') {
      this.at++;
      return { kind: 'constant', name: 'infinity' };
    }
    const size = leadingName(token.text);
    if (size === 0) return this.fail('word');
    if (size < token.text.length) {
      // `xsin`, `ab`, `npi`: read the first part, leave the rest as a token of its own.
      const first = { ...token, text: token.text.slice(0, size) };
      (this.tokens as Token[])[this.at] = { ...token, text: token.text.slice(size), isSpaced: false };
      if (size > 1) {
        const function_ = FUNCTIONS.get(first.text);
        return function_ === undefined ? { kind: 'constant', name: 'pi' } : this.functionCall(function_);
      }
      return letter(first.text);
    }
    this.at++;
    return this.symbol(token.text);
  }

  /** A symbol with subscripts, primes and, for function letters, arguments. */
  private symbol(base: string): Expression {
    let name = base;
    while (this.isOperator('_')) {
      this.at++;
      name += `_${this.subscript()}`;
    }
    while (this.isOperator("'") || (this.isOperator('^') && this.tokens[this.at + 1]?.text === 'prime')) {
      this.at += this.isOperator('^') ? 2 : 1;
      name += "'";
    }
    if (
      this.isOperator('^') &&
      this.tokens[this.at + 1]?.text === '{' &&
      this.tokens[this.at + 2]?.text === 'prime' &&
      this.tokens[this.at + 3]?.text === '}'
    ) {
      this.at += 4;
      name += "'";
    }
    const letter_ = name.replace(/[_'].*$/, '');
    // `f^{-1}(x)`.
    const inverse = [0, 1, 2, 3, 4].map((offset) => this.tokens[this.at + offset]?.text ?? '').join('');
    if (FUNCTION_LETTERS.has(letter_) && inverse === '^{-1}' && this.tokens[this.at + 5]?.text === '(') {
      this.at += 5;
      return call(`function:${name}^-1`, ...this.argumentsInBrackets());
    }
    if (this.isOperator('(') && FUNCTION_LETTERS.has(letter_))
      return call(`function:${name}`, ...this.argumentsInBrackets());
    return name.length > 1 ? { kind: 'symbol', name } : letter(name);
  }

  private subscript(): string {
    if (!this.isOperator('{')) {
      const token = this.peek();
      this.at++;
      if (token === undefined) this.fail('incomplete');
      return token?.text ?? '';
    }
    let depth = 0;
    let name = '';
    for (; this.at < this.to; this.at++) {
      const token = this.tokens[this.at];
      if (token === undefined) break;
      if (token.text === '{') depth++;
      else if (token.text === '}') {
        if (--depth === 0) {
          this.at++;
          return name;
        }
      } else name += token.text;
    }
    this.fail('bracket');
    return name;
  }

  private command(name: string): Expression {
    this.at++;
    if (name === 'frac') return { kind: 'divide', numerator: this.group(), denominator: this.group() };
    if (name === 'pi') return { kind: 'constant', name: 'pi' };
    if (name === 'infty') return { kind: 'constant', name: 'infinity' };
    if (name === 'binom') return call('binomial', this.group(), this.group());
    if (name === 'lfloor') return this.back().absolute('lfloor', 'rfloor');
    if (name === 'lceil') return this.back().absolute('lceil', 'rceil');
    if (name === 'lvert') return this.back().absolute('lvert', 'rvert');
    if (name === 'lVert' || name === 'Vert') return this.back().absolute(name, name === 'Vert' ? 'Vert' : 'rVert');
    const function_ = FUNCTIONS.get(name);
    if (function_ !== undefined && name !== 'gamma') return this.functionCall(function_);
    if (OPAQUE_COMMANDS.has(name)) return this.opaque(name);
    if (DECORATIONS.has(name))
      return this.symbol(`${name}:${this.isOperator('{') ? this.subscript() : this.subscript()}`);
    if (name === 'Delta' || name === 'angle' || name === 'triangle') return this.prefixed(name);
    if (SYMBOL_COMMANDS.has(name)) return this.symbol(name.replace(/^var/, ''));
    return this.fail('command');
  }

  /** `\\Delta p`, `\\angle ABC`: one symbol. */
  private prefixed(name: string): Expression {
    const token = this.peek();
    if (token?.kind === 'word' && (name !== 'Delta' || token.text.length === 1)) {
      this.at++;
      return this.symbol(`${name}:${token.text}`);
    }
    return this.symbol(name);
  }

  private back(): this {
    this.at--;
    return this;
  }

  private functionCall(name: string): Expression {
    const args: Expression[] = [];
    let exponent: Expression | undefined;
    if (name === 'sqrt' && this.isOperator('[')) args.push(this.bracketed());
    if ((name === 'log' || name === 'log10') && this.isOperator('_')) {
      this.at++;
      args.push(this.group());
    }
    if (this.isOperator('_') && (name === 'max' || name === 'min')) return this.symbol(name);
    if (this.isOperator('^') && name !== 'sqrt' && name !== 'exp') {
      this.at++;
      exponent = this.exponent();
    }
    if (name === 'log' && args.length === 0 && this.isOperator('_')) {
      this.at++;
      args.push(this.group());
    }
    let values: Expression[];
    if (name === 'sqrt' || name === 'cbrt') values = this.isOperator('(') ? this.argumentsInBrackets() : [this.group()];
    else if (this.isOperator('(') || this.isOperator('\\{') || this.isOperator('['))
      values = this.argumentsInBrackets();
    else if (this.isOperator('{')) values = [this.bracketed()];
    else values = [this.bareArgument()];
    if (name === 'sqrt' && args.length === 1) values.push(...args.splice(0));
    const isInverse =
      exponent?.kind === 'negate' && exponent.of.kind === 'number' && exponent.of.value.numerator === 1n;
    if (isInverse && /^(?:sin|cos|tan|cot)$/.test(name)) return call(`a${name}`, ...values);
    const result = call(name, ...values, ...args);
    return exponent === undefined ? result : { kind: 'power', base: result, exponent };
  }

  /** `\sin 2x`: factors up to the next sign or function. */
  private bareArgument(): Expression {
    if (++this.depth > MAX_DEPTH) return this.fail('too-deep');
    const factors = [this.signedFactor()];
    for (let token = this.peek(); token !== undefined && this.failure === undefined; token = this.peek()) {
      const isFunction = FUNCTIONS.has(token.text) && token.text !== 'sqrt' && token.text !== 'gamma';
      const isBracket = token.text === '(' || token.text === '[' || token.text === '|';
      if (token.text === '/' && this.tokens[this.at + 1]?.kind === 'number') {
        this.at++;
        factors.push({ kind: 'divide', numerator: product(factors.splice(0)), denominator: this.primary() });
      } else if (!isFunction && !isBracket && this.startsFactor(token)) factors.push(this.factor());
      else break;
    }
    this.depth--;
    return product(factors);
  }

  /** `\sum_{k=1}^n body`: bounds are kept as text, the body as an expression. */
  private opaque(name: string): Expression {
    const parts: Expression[] = [];
    while (this.isOperator('_') || this.isOperator('^')) {
      const mark = this.peek()?.text ?? '';
      this.at++;
      parts.push({ kind: 'symbol', name: `${mark}${this.subscript()}` });
    }
    parts.sort((a, b) => (a.kind === 'symbol' && b.kind === 'symbol' && a.name < b.name ? 1 : -1));
    if (this.at < this.to && this.failure === undefined) parts.push(this.term());
    return { kind: 'opaque', name, arguments: parts };
  }
}

function letter(name: string): Expression {
  if (name === 'e' || name === 'i') return { kind: 'constant', name };
  return { kind: 'symbol', name };
}

function numberOf(token: Token, value: Rational): Expression {
  return { kind: 'number', value, decimals: token.decimals ?? 0, significant: token.significant ?? 1 };
}

/** Length of the function name, `pi` or letter that a run of letters begins with; 0 for what looks like a word. */
function leadingName(run: string): number {
  for (let size = Math.min(6, run.length); size > 1; size--) {
    const head = run.slice(0, size);
    if (head === 'pi' || (size > 2 && FUNCTIONS.has(head)) || (head === 'ln' && run.length > 2)) return size;
  }
  if (run.length > 1 && isShortWord(run)) return 0;
  if (run.length <= 3) return 1;
  return /(?:sin|cos|tan|log|ln|sqrt|pi|exp)[a-zA-Z]{0,2}$/.test(run) && run.length <= 7 ? 1 : 0;
}

/** `2\frac13`, `2 1/3`: an integer directly before a proper fraction of integers. */
function mixedNumber(whole: Expression | undefined, part: Expression, token: Token): Expression | undefined {
  if (whole?.kind !== 'number' || whole.decimals > 0 || part.kind !== 'divide') return undefined;
  if (token.text !== 'frac' && token.kind !== 'number') return undefined;
  const { numerator, denominator } = part;
  if (numerator.kind !== 'number' || denominator.kind !== 'number') return undefined;
  if (numerator.decimals > 0 || denominator.decimals > 0) return undefined;
  if (numerator.value.numerator >= denominator.value.numerator) return undefined;
  return { kind: 'add', terms: [whole, part] };
}

export type ParsedExpression = { readonly expression: Expression } | { readonly failure: string };

/** Reads tokens[from, to) as one scalar expression. */
export function parseExpression(tokens: readonly Token[], from = 0, to = tokens.length): ParsedExpression {
  if (from >= to) return { failure: 'empty' };
  // The parser splits tokens in place (`\frac12`), so it works on its own copy.
  const parser = new ExpressionParser(tokens.slice(0, to), from, to);
  const expression = parser.parseAll();
  return parser.failure === undefined ? { expression } : { failure: parser.failure };
}
