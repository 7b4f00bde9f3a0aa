import { isShortWord } from '../normalise/prose.ts';
import { type Rational, rational } from '../number/rational.ts';

/**
 * `word` is a run of letters, `text` the content of `\text{…}`, `command` a LaTeX command without its backslash,
 * `begin`/`end` an environment, `operator` everything else.
 */
export interface Token {
  readonly kind: 'number' | 'word' | 'text' | 'command' | 'operator' | 'begin' | 'end';
  readonly text: string;
  /** White space stood before it. */
  readonly isSpaced: boolean;
  readonly value?: Rational;
  readonly decimals?: number;
  readonly significant?: number;
  /** A short word that stands where only a factor can, as in `an+b` and `e^{-at}`: a product of letters. False: set as text. */
  readonly isProduct?: boolean;
  /** Where it starts in the normalised text. */
  readonly at: number;
}

const MAX_TOKENS = 1500;
/** Longer numerals are compared as text only. */
const MAX_DIGITS = 1200;

const TEXT_COMMANDS = new Set([
  'text',
  'textbf',
  'textit',
  'textrm',
  'textsf',
  'texttt',
  'textnormal',
  'mbox',
  'hbox',
  'mathrm',
  'operatorname',
  'operatornamewithlimits',
]);

/** Function names that are sometimes set in `\text` or `\operatorname`. */
const NAMED = new Set(
  'tg ctg cosec arctg arcctg sech csch coth sin cos tan cot sec csc arcsin arccos arctan arccot sinh cosh tanh log ln lg exp max min gcd lcm det deg sgn mod arg sup inf dim rank Re Im lim cis and or'.split(
    ' ',
  ),
);

function matchingBrace(text: string, open: number): number {
  let depth = 0;
  for (let at = open; at < text.length; at++) {
    const c = text.charCodeAt(at);
    if (c === 92) at++;
    else if (c === 123) depth++;
    else if (c === 125 && --depth === 0) return at;
  }
  return -1;
}

const NUMBER = /(?:\d+(?:\.\d+|\.(?!\d|\.))?|\.\d+)(?:[eE][+-]?\d{1,4}(?![\da-zA-Z.]))?/y;
const GROUPED = /\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![\d,]\d|\d)/y;
const SPACE_GROUPED = /\d{1,3}(?: \d{3})+(?:\.\d+|,\d{1,2}(?![\d,]))?(?!\d| \d)/y;
const REPEATING = /\\(?:overline|bar|dot)\s*\{(\d+)\}(?!\d)/y;

function readNumber(written: string): { value: Rational | undefined; decimals: number; significant: number } {
  const exponentAt = written.search(/[eE]/);
  const mantissa = exponentAt < 0 ? written : written.slice(0, exponentAt);
  const exponent = exponentAt < 0 ? 0 : Number(written.slice(exponentAt + 1));
  const point = mantissa.indexOf('.');
  const decimals = point < 0 ? 0 : mantissa.length - point - 1;
  const digits = point < 0 ? mantissa : mantissa.slice(0, point) + mantissa.slice(point + 1);
  if (digits.length > MAX_DIGITS || Math.abs(exponent) > 4000) return { value: undefined, decimals, significant: 0 };
  const scale = exponent - decimals;
  const integer = BigInt(digits === '' ? '0' : digits);
  const value = scale >= 0 ? rational(integer * 10n ** BigInt(scale)) : rational(integer, 10n ** BigInt(-scale));
  return { value, decimals: decimals - exponent, significant: digits.replace(/^0+/, '').length };
}

function isDigit(c: string): boolean {
  return c >= '0' && c <= '9';
}

const PLAIN_INTEGER = /(?:0|[1-9]\d{0,14})(?![\deE.]|,\d| \d{3})/y;

/** The digits at a place where they can't be part of a longer numeral; empty for any other number. */
function plainInteger(text: string, at: number): string {
  PLAIN_INTEGER.lastIndex = at;
  return text[at - 1] === '.' ? '' : (PLAIN_INTEGER.exec(text)?.[0] ?? '');
}

function isLetter(c: string): boolean {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/** Latin letters with accents: only words have them. */
function isAccent(c: string | undefined): boolean {
  return c !== undefined && c >= '\u00c0' && c <= '\u024f' && c !== '\u00d7' && c !== '\u00f7';
}

export interface TokenizeOptions {
  /** Whether `1,234` outside brackets is one number. */
  readonly areCommasGrouping: boolean;
}

/** undefined if the text has characters or lengths that no answer has. */
export function tokenize(text: string, { areCommasGrouping }: TokenizeOptions): Token[] | undefined {
  const tokens: Token[] = [];
  let at = 0;
  let depth = 0;
  let isSpaced = false;
  while (at < text.length) {
    if (tokens.length >= MAX_TOKENS) return undefined;
    const c = text[at] ?? '';
    const start = at;
    if (c === ' ' || c === '\n' || c === '\t' || c === '\r') {
      isSpaced = true;
      at++;
      continue;
    }
    const plain = isDigit(c) ? plainInteger(text, at) : '';
    if (plain !== '') {
      at += plain.length;
      const value = { numerator: BigInt(plain), denominator: 1n };
      const significant = plain === '0' ? 0 : plain.length;
      tokens.push({ kind: 'number', text: plain, isSpaced, at: start, decimals: 0, significant, value });
    } else if (isDigit(c) || (c === '.' && isDigit(text[at + 1] ?? ''))) {
      let written: string | undefined;
      if (depth === 0 && c !== '.') {
        GROUPED.lastIndex = at;
        SPACE_GROUPED.lastIndex = at;
        const isInList = text[at - 1] === ',' && /\d/.test(text[at - 2] ?? '');
        if (areCommasGrouping && !isInList && c !== '0') written = GROUPED.exec(text)?.[0];
        if (text[at - 1] !== '_' && text[at - 1] !== '^')
          written ??= SPACE_GROUPED.exec(text)?.[0].replace(/(?<= .*),/, '.');
      }
      if (written === undefined) {
        NUMBER.lastIndex = at;
        written = NUMBER.exec(text)?.[0] ?? c;
      }
      at += written.length;
      let number = readNumber(written.replace(/[, ]/g, ''));
      REPEATING.lastIndex = at;
      const repeating = number.decimals > 0 || text[at - 1] === '.' ? REPEATING.exec(text) : null;
      if (repeating?.[1] !== undefined && number.value && repeating[1].length < 40) {
        at += repeating[0].length;
        const period = BigInt(repeating[1]);
        const denominator = 10n ** BigInt(number.decimals) * (10n ** BigInt(repeating[1].length) - 1n);
        const { numerator, denominator: below } = number.value;
        number = {
          value: rational(numerator * denominator + period * below, below * denominator),
          decimals: 0,
          significant: 30,
        };
      }
      tokens.push({
        kind: 'number',
        text: written,
        isSpaced,
        at: start,
        decimals: number.decimals,
        significant: number.significant,
        ...(number.value && { value: number.value }),
      });
    } else if (isLetter(c)) {
      while (at < text.length && isLetter(text[at] ?? '')) at++;
      const isAccented = isAccent(text[at]);
      while (at < text.length && (isLetter(text[at] ?? '') || isAccent(text[at]))) at++;
      tokens.push({ kind: isAccented ? 'text' : 'word', text: text.slice(start, at), isSpaced, at: start });
    } else if (c === '\\') {
      at++;
      while (at < text.length && isLetter(text[at] ?? '')) at++;
      let name = text.slice(start + 1, at);
      if (name === '') {
        name = text[at] ?? '';
        at++;
        if (name === '{') depth++;
        if (name === '}') depth--;
        tokens.push({
          kind: 'operator',
          text: name === '%' ? '%' : name === '|' ? '\\|' : `\\${name}`,
          isSpaced,
          at: start,
        });
      } else if (TEXT_COMMANDS.has(name) || name === 'begin' || name === 'end') {
        while (text[at] === ' ' || text[at] === '*') at++;
        const close = text[at] === '{' ? matchingBrace(text, at) : -1;
        if (close < 0) {
          if (name === 'begin' || name === 'end') return undefined;
        } else {
          const written = text.slice(at + 1, close);
          const content = written.trim();
          at = close + 1;
          if (name === 'begin' || name === 'end') {
            tokens.push({ kind: name, text: content.replace('*', ''), isSpaced, at: start });
            depth += name === 'begin' ? 1 : -1;
            // `\mathrm{~m}`: the space makes it a unit.
          } else if (
            NAMED.has(content) ||
            (/^[a-zA-Z]$/.test(content) &&
              name !== 'mbox' &&
              (written === content || !/^[msghJNVWKACF]$/.test(content)))
          ) {
            tokens.push({
              kind: 'word',
              text: content,
              isSpaced: isSpaced || name === 'text',
              at: start,
              isProduct: false,
            });
          } else {
            // `\\text{ hours and }`: the connective is a word of its own.
            const [, words = content, connective] = /^(.*\S)\s+(and|or)$/.exec(content) ?? [];
            tokens.push({ kind: 'text', text: words, isSpaced, at: start });
            if (connective !== undefined) tokens.push({ kind: 'word', text: connective, isSpaced: true, at: start });
          }
        }
      } else tokens.push({ kind: 'command', text: name, isSpaced, at: start });
    } else {
      at += c.charCodeAt(0) >= 0xd800 && c.charCodeAt(0) < 0xdc00 ? 2 : 1;
      let operator = text.slice(start, at);
      const pair = text.slice(start, start + 2);
      if (pair === '<=' || pair === '>=' || pair === '!=' || pair === '**' || pair === '==' || pair === '!!') {
        operator = pair;
        at = start + 2;
      }
      if (c === '(' || c === '[') depth++;
      else if (c === ')' || c === ']') depth--;
      if (c.charCodeAt(0) > 127) {
        // A run of other script: a word of some language.
        while (at < text.length && text.charCodeAt(at) > 127) at++;
        tokens.push({ kind: 'text', text: text.slice(start, at), isSpaced, at: start });
      } else tokens.push({ kind: 'operator', text: operator, isSpaced, at: start });
    }
    isSpaced = false;
  }
  return markProducts(tokens);
}

const BEFORE_FACTOR = new Set(['+', '-', '*', '/', '^', '(', '{', '=', '<', '>']);
const AFTER_FACTOR = new Set(['+', '-', '*', '/', '^', ')', '}', '_', '=']);
const FACTOR_COMMANDS = new Set(['cdot', 'times', 'frac', 'sqrt', 'le', 'ge', 'pm', 'mp']);

/** Marks words of two letters between operators; `or`, `as`, `in` and `by` mean something else where they stand apart. */
function markProducts(tokens: Token[]): Token[] {
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at];
    if (token?.kind !== 'word' || token.text.length !== 2 || token.isProduct === false || !isShortWord(token.text))
      continue;
    const [before, next] = [tokens[at - 1], tokens[at + 1]];
    const isAfterOperator =
      before?.kind === 'operator'
        ? BEFORE_FACTOR.has(before.text)
        : before?.kind === 'command' && FACTOR_COMMANDS.has(before.text);
    const isApart = token.isSpaced && before !== undefined && before.kind !== 'operator' && before.kind !== 'command';
    const isBeforeOperator = next?.kind === 'operator' && AFTER_FACTOR.has(next.text) && !next.isSpaced && !isApart;
    const isAfterNumber =
      before?.kind === 'number' && !token.isSpaced && !/^(?:in|st|nd|rd|th|am|pm)$/i.test(token.text);
    // `(or x = 2)`: a word that another word follows is one.
    const isFollowed =
      next?.isSpaced === true && (next.kind === 'word' || next.kind === 'text') && next.text.length > 1;
    const isProduct = isBeforeOperator || (isAfterOperator && !isFollowed) || (isAfterNumber && !isFollowed);
    if (isProduct) tokens[at] = { ...token, isProduct: true };
  }
  return tokens;
}
