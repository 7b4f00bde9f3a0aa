/** English numerals up to a thousand million, as texts write small counts, and fractions in words. */
const SMALL =
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split(
    ' ',
  );
const TENS = 'twenty thirty forty fifty sixty seventy eighty ninety'.split(' ');
const SCALES: Readonly<Record<string, number>> = { hundred: 100, thousand: 1000, million: 1_000_000, dozen: 12 };
const PARTS: Readonly<Record<string, number>> = {
  half: 2,
  halves: 2,
  third: 3,
  quarter: 4,
  fourth: 4,
  fifth: 5,
  sixth: 6,
  seventh: 7,
  eighth: 8,
  ninth: 9,
  tenth: 10,
};

function wordsOf(text: string): string[] {
  return text
    .toLowerCase()
    .trim()
    .split(/[\s-]+/)
    .filter((word) => word !== 'and');
}

/** `twenty-three` → 23; undefined for anything else. */
export function readNumberWords(text: string): number | undefined {
  const words = wordsOf(text);
  if (words.length === 0 || words.length > 8) return undefined;
  let total = 0;
  let part = 0;
  for (const word of words) {
    const scale = SCALES[word];
    if (scale !== undefined) {
      part = Math.max(part, 1) * scale;
      if (scale >= 1000) {
        total += part;
        part = 0;
      }
    } else if (SMALL.includes(word)) part += SMALL.indexOf(word);
    else if (TENS.includes(word)) part += 20 + 10 * TENS.indexOf(word);
    else return undefined;
  }
  return total + part;
}

/** `two-thirds` → [2, 3], `a half` → [1, 2], `two and a half` → [5, 2]; undefined for anything else, ordinals (`third`) among it. */
export function readFractionWords(text: string): readonly [number, number] | undefined {
  const mixed = /^([a-z -]{3,30}?) and (an? [a-z]+|[a-z]+[ -][a-z]+)$/i.exec(text.trim());
  if (mixed) {
    const [whole, part] = [readNumberWords(mixed[1] ?? ''), readFractionWords(mixed[2] ?? '')];
    if (whole !== undefined && part && part[0] < part[1]) return [whole * part[1] + part[0], part[1]];
  }
  const words = wordsOf(text);
  const last = words.at(-1);
  if (last === undefined || words.length > 4) return undefined;
  const below = PARTS[last] ?? PARTS[last.replace(/s$/, '')];
  if (below === undefined || (words.length === 1 && last !== 'half')) return undefined;
  const above = words.slice(0, -1).join(' ');
  const count = /^(?:an?)?$/.test(above) ? 1 : readNumberWords(above);
  return count === undefined ? undefined : [count, below];
}

const FIRST_WORD = new RegExp(
  `^(?:an?|minus|negative|${[...SMALL, ...TENS, 'hundred', 'half'].join('|')})(?![a-z])`,
  'i',
);

/** Whether a text is nothing but a number in words. */
export function isWordedNumber(text: string): boolean {
  if (text.length > 60 || !FIRST_WORD.test(text)) return false;
  const plain = text.replace(/^(?:minus|negative)\s+/i, '');
  return readNumberWords(plain) !== undefined || readFractionWords(plain) !== undefined;
}

const LEADING_WORDS = new RegExp(
  `^(?:${[...SMALL, ...TENS].join('|')})(?:[- ](?:${[...SMALL.slice(1), 'hundred', 'thousand', 'million', 'and'].join('|')})(?![a-z]))*(?=\\s+[a-z]{2})`,
  'i',
);

/** The number that `nine of them` begins with, in digits; undefined without one, for parts (`two thirds`) and for `one of`. */
export function leadingWordedNumber(text: string): string | undefined {
  const words = LEADING_WORDS.exec(text)?.[0];
  if (words === undefined || /^one$/i.test(words)) return undefined;
  const next = /^\s+([a-z]+)/i.exec(text.slice(words.length))?.[1]?.toLowerCase() ?? '';
  if (next in PARTS || next.replace(/s$/, '') in PARTS || next === 'and' || next === 'or') return undefined;
  const value = readNumberWords(words);
  return value === undefined ? undefined : String(value);
}

const MINUS =
  /(?:(?<![A-Za-zÀ-ÿ])(?<!(?:or|and|plus|\/)\s)(?:minus|negative|moins|menos|meno|минус|eksi)\s+|负|負|マイナス|마이너스\s*)(?=\$?[\d√\\])/gi;
/** An operand: a number, a bracket, a formula or a letter. */
const OPERAND = /(?:[\d)\]}$%]|(?<!\p{L})(?![aAàyоеà])\p{L})\s*$/u;

/** `equals negative 9`, `moins 8`, `负6` with the sign as a sign; differences (`5 minus 3`, `x minus 3`) stay. */
export function withSigns(text: string): string {
  return text.replace(MINUS, (words, at: number) => (OPERAND.test(text.slice(Math.max(0, at - 8), at)) ? words : '-'));
}

const HAN_DIGITS = '零一二三四五六七八九';
const HAN_SCALES: Readonly<Record<string, number>> = { 十: 10, 百: 100, 千: 1000 };

/** `二十四` → 24, `三百零五` → 305; undefined for anything else. */
export function readHan(text: string): number | undefined {
  let total = 0;
  let digit: number | undefined;
  for (const character of text.replaceAll('两', '二').replaceAll('〇', '零')) {
    const value = HAN_DIGITS.indexOf(character);
    const scale = HAN_SCALES[character];
    if (value >= 0) {
      if (digit !== undefined && digit !== 0) return undefined;
      digit = value;
    } else if (scale !== undefined) {
      total += (digit ?? 1) * scale;
      digit = undefined;
    } else return undefined;
  }
  return text === '' ? undefined : total + (digit ?? 0);
}

/** The number that `二十五种` begins with, in digits: a measure word follows. */
export function leadingHanNumber(text: string): string | undefined {
  const value = readHan(
    /^[零〇一二两三四五六七八九十百千]{1,8}(?=[\p{Script=Han}]{1,4}[。．]?$)/u.exec(text)?.[0] ?? '',
  );
  return value === undefined ? undefined : String(value);
}

/** `三分之二` → `\frac{2}{3}`, `百分之二十` → `20\%`, `负五` → `-5`; anything else as it is. */
export function spellOutHan(text: string): string {
  const [, sign = '', body = ''] = /^(负)?([零〇一二两三四五六七八九十百千]{1,8})$/.exec(text) ?? [];
  const whole = readHan(body);
  if (whole !== undefined) return `${sign && '-'}${whole}`;
  const parts = /^(负)?([零〇一二两三四五六七八九十百千]{1,8})分之([零〇一二两三四五六七八九十百千]{1,8})$/.exec(text);
  if (!parts) return text;
  const [below, above] = [parts[2] === '百' ? 100 : readHan(parts[2] ?? ''), readHan(parts[3] ?? '')];
  if (below === undefined || above === undefined) return text;
  return `${parts[1] ? '-' : ''}${below === 100 ? `${above}\\%` : `\\frac{${above}}{${below}}`}`;
}
