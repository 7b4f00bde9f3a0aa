/** Distinguishes sentences from answers. */

/** Short words that only sentences have. */
const SENTENCE_WORDS = new Set(
  (
    'the is it its are was were be been so we you he she they this that these those thus hence therefore then there because since our your my his her of from by on at as ' +
    'which who whose what how not but can could should would will may must has have had do does did let us also now here finally step answer solution total need find get got think ' +
    'donc est les des une un la le du que pour avec et ou dans el los las es una por que der die das ist ein eine il sono della che são uma dos jest и это так'
  ).split(' '),
);

/** English words of up to three letters: no products of variables. */
const SHORT_WORDS = new Set(
  'the and for are was not all any one two six ten odd set sum day men who his her its our you can has had may yes but how now out day way new old see use man boy off own per via nor yet due box cat dog car bus top end red blue is of to in on at by no or if as an so we he me my up us it do go be th st nd rd dne nan tue wed thu fri jan feb mar apr jun jul aug sep oct nov dec'.split(
    ' ',
  ),
);

export function isShortWord(run: string): boolean {
  return SHORT_WORDS.has(run.toLowerCase());
}

const FOREIGN = /[\u0400-\u04ff\u0600-\u06ff\u0900-\u0dff\u0e00-\u0e7f\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]/g;

/** Whether a text is (or holds) a sentence, so that it can't be taken for an answer as a whole. */
export function isProse(text: string): boolean {
  if (text.length < 6) return false;
  const plain = text
    .replace(/\$[^$]*\$/g, ' ')
    .replace(/\\(?:text|textbf|mathrm|operatorname|textit|begin|end)\s*\{[^}]*\}/g, ' ')
    .replace(/\\[a-zA-Z]+/g, ' ')
    // Names of calls, as SymPy prints them.
    .replace(/[A-Za-z.]+(?=\()/g, ' ');
  const words = plain.toLowerCase().match(/[a-zà-ÿ']{2,}/g) ?? [];
  if (words.some((word) => SENTENCE_WORDS.has(word))) return true;
  if (words.filter((word) => word.length > 3).length >= 4) return true;
  if (/[.!?。！？।]\s+\S/.test(plain) && words.length >= 2) return true;
  const foreign = plain.match(FOREIGN)?.length ?? 0;
  return foreign > 12 || (foreign > 3 && /[，。；！？、]/.test(plain));
}
