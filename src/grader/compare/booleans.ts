/** `yes` and `no` in the languages that answers are written in. */

export type BooleanAnswer = 'yes' | 'no';

/** English: these may be followed by anything (`No such function exists`). */
const ENGLISH: Readonly<Record<BooleanAnswer, string>> = { yes: 'yes|true', no: 'no|false' };
/** These count alone or before a mark: `si`, `non` and `ja` have other meanings as well. */
const ELSEWHERE: Readonly<Record<BooleanAnswer, string>> = {
  yes: 'yeah|yep|yup|correct|right|oui|vrai|ja|wahr|richtig|sí|si|verdadero|cierto|sì|vero|sim|verdadeiro|да|верно|так|tak|prawda|evet|doğru|kyllä|ano|igen|waar|đúng|có|ya|benar|ndiyo|نعم|صحيح|हाँ|हां|হ্যাঁ|ใช่|כן|ναι|是的?|对|正确|はい|예|네|참',
  no: 'nope|incorrect|wrong|non|faux|nein|falsch|falso|não|нет|неверно|nie|fałsz|hayır|yanlış|nej|nei|nee|niet|onwaar|ei|ne|nem|không|sai|tidak|salah|hapana|لا|خطأ|नहीं|না|ไม่|לא|όχι|否|不是?|不对|错误?|いいえ|아니요|아니오|아니다|거짓',
};

const anyOf = (answer: BooleanAnswer): string => `${ENGLISH[answer]}|${ELSEWHERE[answer]}`;
const WORD = (words: string): string => `(?<![\\p{L}\\p{M}])(?:${words})(?![\\p{L}\\p{M}])`;
/** `Indeed, yes`, `Well, no`. */
const BEGIN =
  '^(?:(?:indeed|so|well|thus|hence|therefore|then|in short|of course|clearly|certainly|donc|ainsi|also|daher|entonces|quindi|portanto|итак|значит|所以|因此)[,，:\\s]+)*';
const MARK = '(?=\\s*(?:$|[,.;:!?，。；：！？、—–])|\\s+-)';

const FIRST: Readonly<Record<BooleanAnswer, RegExp>> = {
  yes: new RegExp(`${BEGIN}(?:${WORD(ENGLISH.yes)}|${WORD(ELSEWHERE.yes)}${MARK})`, 'iu'),
  no: new RegExp(`${BEGIN}(?:${WORD(ENGLISH.no)}|${WORD(ELSEWHERE.no)}${MARK})`, 'iu'),
};
/** `… so yes.`, `It is not possible, so no`, `The statement is false`. */
const LEAD_IN =
  '(?:[,;:，；：]\\s*|(?<!\\p{L})(?:is|are|so|therefore|thus|hence|answer|donc|also|entonces|quindi|portanto)\\s+)';
const LAST: Readonly<Record<BooleanAnswer, RegExp>> = {
  yes: new RegExp(`${LEAD_IN}(?:${ENGLISH.yes}|correct|right|oui|ja|sí|sì|sim|да)$`, 'iu'),
  no: new RegExp(`${LEAD_IN}(?:${ENGLISH.no}|incorrect|wrong|non|nein|não|нет)$`, 'iu'),
};
/** `yes and no`, `yes/no`, `true or false`, `Yes. No.`: both. */
const BOTH = new RegExp(
  `${WORD(anyOf('yes'))}(?:\\s*[,./;?|–-]+\\s*|\\s+)(?:(?:and|or|und|oder|et|ou|y|o|e|и|или|but|wait|actually)[,\\s]+)*${WORD(anyOf('no'))}${MARK}|${WORD(anyOf('no'))}(?:\\s*[,./;?|–-]+\\s*|\\s+)(?:(?:and|or|und|oder|et|ou|y|o|e|и|или|but|wait|actually)[,\\s]+)*${WORD(anyOf('yes'))}(?:\\s|${MARK})`,
  'iu',
);
/** The article: `there are no exceptions`, `no matter how`. */
const DETERMINER =
  /(?<=(?:are|is|has|have|with|by|of|in|at|by|for|see|find|contains?|under|leaves?)\s)no(?=\s\p{L})|no(?=\s(?:matter|doubt|more|less|fewer|longer)(?!\p{L}))/giu;

const plain = (text: string): string =>
  text
    .replace(/\\(?:text\w*|mathrm|mathbf|boxed|quad|qquad|,|;|!)(?![a-zA-Z])/g, ' ')
    .replace(/[{}$"'`*_~()«»“”[\]]/g, ' ')
    .replace(/\s+/g, ' ')
    .replace(/[\s.!。！]+$/u, '')
    .trim();

/**
 * What a text answers to a question of yes or no: where it begins or ends with such a word; undefined where it says neither.
 *
 * @example saidBoolean("Non, un tel polynôme n'existe pas.") // 'no'
 */
export function saidBoolean(written: string): BooleanAnswer | 'both' | undefined {
  if (written.length > 2_000) return undefined;
  const text = plain(written).replace(DETERMINER, ' ').trim();
  if (BOTH.test(text)) return 'both';
  const first = FIRST.yes.test(text) ? 'yes' : FIRST.no.test(text) ? 'no' : undefined;
  const last = concludes(text, LAST.yes) ? 'yes' : concludes(text, LAST.no) ? 'no' : undefined;
  if (first !== undefined && last !== undefined && first !== last) return 'both';
  return first ?? last;
}

/** `I doubt that it is`: what ends here doubts, denies or asks. */
const HELD =
  /(?<!\p{L})(?:whether|if|may|might|could|can|cannot|not|never|perhaps|maybe|possibly|suppose|assume|doubt|hardly|barely|unless|si|ob|wenn|se|если)(?!\p{L})|n['’]t(?!\p{L})/iu;

function concludes(text: string, ending: RegExp): boolean {
  const at = ending.exec(text)?.index;
  return at !== undefined && !HELD.test(/[^,;:.]*$/.exec(text.slice(0, at))?.[0] ?? '');
}

/** What alone is such a word in text that is compared as words: the widespread ones. */
export const WHOLE: Readonly<Record<BooleanAnswer, RegExp>> = {
  yes: /^(?:yes|true|correct|right|oui|ja|sí|是|对|正确)$/,
  no: /^(?:no|false|incorrect|wrong|non|nein|否|错|不是|错误)$/,
};

/** Whether a gold asks for yes or no. `Right` may be a side. */
export const isBoolean = (gold: string): boolean => BOOLEAN.test(plain(gold));
const BOOLEAN = /^(?:yes|no|true|false|oui|non|ja|nein|sí|да|нет|是|否)$/iu;
