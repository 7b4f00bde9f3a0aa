/** Multiple choice: the letter a text settles on. Letters of several scripts; Greek and accented ones are no choices. */

const SCRIPTS = [
  'A-J',
  'А-Ж',
  'أإابجدهـو',
  'অআকখগঘঙচছ',
  'कखगघङच',
  'ก-ง',
  'కఖగఘఙ',
  'Α-Ε',
  'ㄱ-ㅎ',
  '가나다라마',
  'ア-オ',
] as const;
const LETTER = `[${SCRIPTS.join('')}]`;

/** The script that a choice letter is of. */
function scriptOf(letter: string): string {
  return SCRIPTS.find((script) => new RegExp(`[${script}]`, 'u').test(letter)) ?? 'A-J';
}

function plain(answer: string): string {
  return answer
    .replace(/\\(?:text(?:bf|it|rm|sf|normal)?|math(?:rm|bf|sf|it)|left|right|quad|[,;!() ])(?![a-zA-Z])\s*/g, '')
    .replace(/[{}$\s*_"'`]+/g, ' ')
    .trim();
}

const BARE = /^[([（]?\s*(\p{L})\s*[)\]）]?[.:,。：]*$/u;

/** `C`, `(C)`, `\text{(C)}`, `\textbf{C}`, `C.`; the upper-case letter, or undefined. */
export function bareLetter(answer: string): string | undefined {
  if (answer.length > 40) return undefined;
  const letter = BARE.exec(plain(answer))?.[1];
  return letter !== undefined && new RegExp(`^(?:${LETTER}|[A-Z])$`, 'u').test(letter) ? letter : undefined;
}

const LEADING = new RegExp(
  `^[(（]?(${LETTER})(?:[)）.:：、](?![\\d.])|\\s*[-–]\\s|\\s+(?=[A-Z][a-z]|[($\\p{Lo}])|$)`,
  'u',
);

/** `C. text`, `(C) text`, `C: text`, `C Cecile`: the letter. */
export function leadingLetter(answer: string): string | undefined {
  return LEADING.exec(plain(answer.slice(0, 300)))?.[1];
}

/** The letter of the gold's script that a text begins with, if no other is named as well: `B because …`, not `A or B`. */
export function firstLetter(text: string, gold: string): string | undefined {
  const script = scriptOf(gold);
  return new RegExp(
    `^[([（{*"“「]*([${script}])(?![\\p{Script=Latin}${BESIDE[script] ?? ''}\\p{M}\\d'’])(?!\\s*(?:,|or|and|oder|ou|et|o|或|和|、|/|&)\\s*[${script}](?!\\p{L}))`,
    'u',
  ).exec(text)?.[1];
}

/** What stands behind the letter in `(C) text`; undefined if nothing does. */
export function textAfterLetter(answer: string): string | undefined {
  const text = plain(answer.slice(0, 300));
  const rest = bareLetter(answer) === undefined ? text.slice(LEADING.exec(text)?.[0].length ?? text.length).trim() : '';
  return rest === '' ? undefined : rest;
}

/** Letters of the same script that may not stand directly before a choice letter. */
const BESIDE: Readonly<Record<string, string>> = {
  'А-Ж': '\\p{Script=Cyrillic}',
  أإابجدهـو: '\\p{Script=Arabic}',
  অআকখগঘঙচছ: '\\p{Script=Bengali}',
  कखगघङच: '\\p{Script=Devanagari}',
  'ก-ง': '\\p{Script=Thai}',
  కఖగఘఙ: '\\p{Script=Telugu}',
  'Α-Ε': '\\p{Script=Greek}',
};
/** `B, not A`; `it can't be A or B`; `B不是A`. */
const NEGATED_LETTER =
  /(?:(?<!\p{L})(?:not|(?:can['’]t|cannot|could\s?n['’]t|not) be|is\s?n['’]t|rather than|instead of|pas|nicht)|而?不是|而非)\s*[([]?[A-J](?![a-z])[)\]]?(?:\s*(?:,|\/|or|nor|或|和|、)\s*[([]?[A-J](?![a-z])[)\]]?)*/gu;

/**
 * The last letter of the gold's script that stands alone in a text. An `A` or `I` followed by a small letter is a word unless it
 * is bracketed, emphasised or followed by punctuation.
 */
export function lastLetter(text: string, gold: string): string | undefined {
  const tail = text.slice(-2000).replace(NEGATED_LETTER, ' ');
  const script = scriptOf(gold);
  const mention = new RegExp(
    `(?<![\\p{Script=Latin}${BESIDE[script] ?? ''}\\p{M}'’\\\\\\d])([([（{*"“「]*)([${script}])(?!['’]?[\\p{Script=Latin}\\p{Script=Arabic}\\p{Script=Cyrillic}\\p{M}\\d](?<!['’][dt]))([)\\]）}*.:,。"”」]*)`,
    'gu',
  );
  let found: string | undefined;
  for (const match of tail.matchAll(mention)) {
    const [whole, before, letter, after] = match;
    const isWord =
      /^[AIОИВАСК]$/u.test(letter ?? '') &&
      before === '' &&
      after === '' &&
      /^\s+(?!(?:is|was|would|must|should|has|because|since|as|seems|looks|and|or|but|est|ist|es)\b)\p{Ll}/u.test(
        tail.slice(match.index + whole.length),
      );
    if (!isWord) found = letter;
  }
  return found;
}
