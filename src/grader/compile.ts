import { canonicalText, type Expression } from './expression/expression.ts';
import { tokenize } from './expression/tokens.ts';
import { areMathematics } from './mathematics.ts';
import { readForeignNumber } from './normalise/foreign-numbers.ts';
import { normaliseLatex } from './normalise/latex.ts';
import { isProse } from './normalise/prose.ts';
import { plainPython } from './normalise/python.ts';
import { otherSpelling } from './normalise/spellings.ts';
import { otherWriting, plainWritings } from './normalise/writings.ts';
import { parseAnswer } from './structure/parser.ts';
import type { Answer } from './structure/structure.ts';

/** Longest answer that is read, in characters. */
export const MAX_ANSWER_LENGTH = 4_000;

/** One answer in all its readings, most natural first. */
export interface ReadAnswer {
  /** Normalised text, without spaces: equal texts are equal answers. */
  readonly key: string;
  readonly readings: readonly Answer[];
  /** Looks like a sentence. */
  readonly isProse: boolean;
  readonly isMathematics: boolean;
}

/** Read only as far as it is asked for: many answers are the gold's text, and those are never parsed. */
class TextAnswer implements ReadAnswer {
  readonly key: string;
  readonly #raw: string;
  readonly #text: string;
  #readings: readonly Answer[] | undefined;
  #isProse: boolean | undefined;
  #isMathematics: boolean | undefined;

  /** `text` is `raw` normalised. */
  constructor(raw: string, text: string) {
    this.#raw = raw;
    this.#text = text;
    this.key = keyOf(text);
  }

  get readings(): readonly Answer[] {
    this.#readings ??= readAll(this.#text);
    return this.#readings;
  }

  get isProse(): boolean {
    this.#isProse ??= isProse(this.#raw);
    return this.#isProse;
  }

  get isMathematics(): boolean {
    this.#isMathematics ??= areMathematics(this.#raw, this.readings, this.isProse);
    return this.#isMathematics;
  }
}

function parse(text: string, areCommasGrouping: boolean): Answer | undefined {
  const tokens = tokenize(text, { areCommasGrouping });
  return tokens && parseAnswer(tokens);
}

const DECIMAL_COMMA = /^([^\d([{<]*\d+),(\d+)([^\d)\]}]*)$/;
const GROUPED = /^\D*\d{1,3}(?:,\d{3})+(?:\.\d+)?\D*$/;
const POINT_GROUPED = /^(\D*)(\d{1,3}(?:\.\d{3})+)(,\d+)?(\D*)$/;

/** One grade reads the same text up to three times: the last few readings are kept. */
const MOST_KEPT = 8;
const kept = new Map<string, ReadAnswer | undefined>();

/** Reads an answer; undefined if it is too long or nothing. Never throws. */
export function readAnswer(raw: string): ReadAnswer | undefined {
  if (kept.has(raw)) return kept.get(raw);
  const answer = PLAIN_INTEGER.test(raw) ? readInteger(raw) : readText(raw);
  if (kept.size >= MOST_KEPT)
    for (const oldest of kept.keys()) {
      kept.delete(oldest);
      break;
    }
  kept.set(raw, answer);
  return answer;
}

export const PLAIN_INTEGER = /^-?\d{1,15}$/;

/** Most golds and answers: no parsing for them. */
function readInteger(raw: string): ReadAnswer {
  const isNegative = raw.startsWith('-');
  const digits = isNegative ? raw.slice(1) : raw;
  const literal: Expression = {
    kind: 'number',
    value: { numerator: BigInt(digits), denominator: 1n },
    decimals: 0,
    significant: digits.length,
  };
  return {
    key: raw,
    readings: [{ kind: 'scalar', expression: isNegative ? { kind: 'negate', of: literal } : literal }],
    isProse: false,
    isMathematics: true,
  };
}

const CONNECTED = /^\s*\p{L}+[\s-](?:et|y|e)[\s-]\p{L}+\s*$/u;

function readText(raw: string): ReadAnswer | undefined {
  if (raw.length > MAX_ANSWER_LENGTH) return undefined;
  // `vingt et un`: its connective joins no list.
  const worded = CONNECTED.test(raw) ? readForeignNumber(raw.trim()) : undefined;
  if (worded !== undefined) return readInteger(String(worded));
  const text = normaliseLatex(plainPython(plainWritings(raw.trim())));
  return text === '' ? undefined : new TextAnswer(raw, text);
}

/** Spaces, braces around one letter and the longer names of signs make no difference. */
function keyOf(text: string): string {
  const plain = text.includes('\\')
    ? text.replace(/\\([gl])eq(?:slant|q)?(?![a-zA-Z])/g, '\\$1e').replace(/\\neq(?![a-zA-Z])/g, '\\ne')
    : text;
  return plain.replace(/\s+/g, '').replace(/([_^])\{(\w)\}/g, '$1$2');
}

function readAll(text: string): readonly Answer[] {
  const first = parse(text, true) ?? { kind: 'text', text };
  const readings: Answer[] = [first];
  const second = (other: string, areCommasGrouping: boolean) => {
    const answer = parse(other, areCommasGrouping);
    if (answer) readings.push(answer);
  };
  if (text.includes(',') || text.includes('.')) {
    // `10,100` may be two numbers, `1,22` a decimal comma, `1.234,5` grouped with points.
    const decimal = DECIMAL_COMMA.exec(text);
    const points = POINT_GROUPED.exec(text);
    if (GROUPED.test(text)) second(text, false);
    if (decimal && (!GROUPED.test(text) || /^\D*0,/.test(text)))
      second(`${decimal[1]}.${decimal[2]}${decimal[3]}`, false);
    else if (points?.[3] !== undefined || (points?.[2] !== undefined && points[2].split('.').length > 2))
      second(
        `${points[1] ?? ''}${points[2]?.replaceAll('.', '') ?? ''}${(points[3] ?? '').replace(',', '.')}${points[4] ?? ''}`,
        false,
      );
  }
  // `cem`, `mil`, `dos`: a number in words, or a product of letters.
  if (first.kind === 'scalar' && /^\p{L}{2,12}$/u.test(text)) {
    const worded = readForeignNumber(text);
    if (worded !== undefined) second(String(worded), true);
  }
  for (const other of [otherSpelling(text), otherWriting(text)]) if (other !== undefined) second(other, true);
  return readings;
}

export function kindOf(answer: ReadAnswer): Answer['kind'] {
  return answer.readings[0]?.kind ?? 'text';
}

/** For `--explain`: a structure in one line. */
export function describe(answer: Answer): string {
  switch (answer.kind) {
    case 'scalar':
      return canonicalText(answer.expression) + (answer.unit === undefined ? '' : ` [${answer.unit}]`);
    case 'group':
      return `${answer.open}${answer.items.map(describe).join(', ')}${answer.close}`;
    case 'list':
      return `list ${answer.items.map(describe).join('; ')}`;
    case 'union':
      return answer.parts.map(describe).join(` ${answer.sign} `);
    case 'matrix':
      return `matrix ${answer.rows.map((row) => row.map(describe).join(' & ')).join(' \\\\ ')}`;
    case 'relation':
      return answer.sides
        .map((side, k) => `${describe(side)} ${answer.signs[k] ?? ''}`)
        .join(' ')
        .trim();
    case 'ratio':
      return answer.parts.map(canonicalText).join(' : ');
    case 'named-set':
      return answer.name;
    case 'set-builder':
      return `{${describe(answer.element)} | ${describe(answer.condition)}}`;
    case 'time':
      return `${Math.floor(answer.minutes / 60)}:${String(answer.minutes % 60).padStart(2, '0')}${answer.half ?? ''}`;
    case 'text':
      return `text "${answer.text}"`;
  }
}
