/** What is left of a text when the words that carry no answer are taken out. */

const FILLER = new Set(
  'the a an is are was were be will it they he she this that these those of for all every any each some so thus hence therefore then to with which there and or both either value values number numbers integer integers positive natural real n k m x condition figure shape triangle line lines player strictly monotonically due must can function answer only exactly approximately about'.split(
    ' ',
  ),
);

function stem(word: string): string {
  return word.length > 3 && word.endsWith('s') && !word.endsWith('ss') ? word.slice(0, -1) : word;
}

/** Content words in order; all words where nothing else is left. */
export function contentWords(plain: string): string {
  const words = plain.split(/[\s,]+/).filter((word) => word !== '');
  const kept = words.filter((word) => !FILLER.has(word));
  return (kept.length === 0 ? words : kept).map(stem).join(' ');
}

const VERB =
  /\s(?:is|are|was|were|will|would|can|has|have|had|wins?|loses?|served?|gets?|got|receives?|received|takes?|took|arrives?|arrived|finishe[sd]|begins?|started?|must|should|does|did|lives?|lied|lies|told|scored|made)\s?/i;
const NEGATION = /\b(?:not|no|never|neither|nor|cannot|without|except|isn't|doesn't|can't|won't)\b/i;

/**
 * Whether a few words are what a sentence says: its subject before the verb, `Petya will win`, or what it says of it, `The function is
 * odd`. A sentence with a negation says nothing in short.
 */
export function isSaidBy(sentence: string, short: string): boolean {
  const words = sentence.trim().split(/\s+/);
  if (
    words.length < 3 ||
    words.length > 30 ||
    short.split(/\s+/).length > 3 ||
    NEGATION.test(sentence) ||
    NEGATION.test(short)
  )
    return false;
  const verb = VERB.exec(sentence);
  if (verb === null) return false;
  const wanted = bareWords(short);
  // A letter is a choice: `C can be eliminated` doesn't settle on it.
  if (wanted.length < 2) return false;
  const subject = bareWords(sentence.slice(0, verb.index));
  const isCopula = /^\s(?:is|are|was|were|will be)\s/i.test(verb[0]) || /^\swill\s?$/i.test(verb[0]);
  const predicate = bareWords(sentence.slice(verb.index + verb[0].length).replace(/^be\s+/i, ''));
  if (isCopula && predicate === wanted) return true;
  return (
    !/^(?:it|this|that|there|they|which)$/.test(subject) &&
    subject === wanted &&
    !/^\s(?:is|are|was|were)\s/i.test(verb[0])
  );
}

function bareWords(text: string): string {
  return text
    .toLowerCase()
    .replace(/\\[a-z]+|[^\p{L}\p{N}\s'-]/gu, ' ')
    .replace(/\b(?:the|a|an|therefore|so|thus|hence|then)\b/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}
