/** What may stand behind a value in its own clause: a unit or a noun phrase. Function words are a closed class, so each of them is on a list. */

/** Function words that no noun phrase holds: a number before them isn't counted with a noun. */
const CLOSED =
  /^(?:looks?|seems?|appears?|sounds?|feels?|is|isn|are|aren|was|wasn|were|weren|be|been|being|am|has|hasn|have|haven|had|hadn|having|does|doesn|do|don|did|didn|will|won|would|wouldn|can|cannot|could|couldn|may|might|must|mustn|shall|should|shouldn|ought|i|we|you|me|us|him|myself|itself|but|yet|or|nor|so|if|unless|though|although|whereas|while|because|since|however|therefore|thus|hence|not|no|none|nope|nothing|never|neither|without|hardly|barely|scarcely|perhaps|maybe|possibly|probably|presumably|supposedly|allegedly|almost|nearly|roughly|still|otherwise|instead|rather|except|else|too|either|what|which|why|how|when|where|whether|that|there|here|yes|wait|hmm|oops|sorry|actually|unfortunately|out|beyond|above|below|upwards?|onwards?|plus|minus|ish|est|sont|était|serait|mais|ou|donc|pas|ne|es|son|era|sería|pero|o|sino|ist|sind|war|wäre|aber|oder|nicht|kein|keine|doch|é|è|são|sono|ma|não|non|mas|sem|sans|sin|senza|ohne|и|или|но|не|нет|это|без|надо|нужно|следует|можно|нельзя|придётся)$/iu;
/** No noun phrase ends with a preposition or an article. */
const DANGLING = /^(?:of|per|for|from|to|with|by|a|an|the|at|into|between|among|and|than|in|on|as|his|her|their|my)$/iu;

/** An article behind a word that is no preposition: that word is a verb (`breaks the rule`). */
const UNJOINED =
  /(?<!^|(?<!\p{L})(?:of|per|in|on|for|from|to|with|by|at|into|during|between|among|around|across|within|than|and|after|before|over|under|until|per|all|both|half|de|en|à|von|für))\s+(?:the|its|our|your|my|his|her|their)(?!\p{L})/iu;

/** Letters of scripts that are written without spaces: a measure word and its noun. */
const WITHOUT_SPACES =
  /^\s*(?:(?:[\p{Script=Han}\p{Script=Hangul}\p{Script=Thai}]{1,10}|(?=.*\p{Script=Hiragana})[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}ー]{1,24})\s*)?$/u;
const DENYING = /[不没無无未非错误余]|以[上下外内]|左右|ない|除|違|않|아니|없|ไม่/u;
const UNSPACED_END =
  /(?:です|である|だ|となる|になります|となります|ある|あります|を?(?:持って|持ち|残って)?い?(?:ます|る)|입니다|이다|예요|이에요)$/u;

/** Units of symbols: `%`, `°C`, `m/s^2`, `\text{ cm}`, `€`. */
const SYMBOLS =
  /^(?:[%°€£¥₽₹²³′″]|\\%|\\text\w*\{[^{}]{0,40}\}|\\,|[\p{L}]{1,6}(?:\^?\{?-?[23²³]\}?|[/·][\p{L}]{1,6}(?:\^?\{?-?[23²³]\}?)?)|\^\{?\\circ\}?|sq\.|cu\.)/u;

const MOST_WORDS = 14;

/**
 * Whether words are a unit or a noun phrase: nouns and adjectives, joined by prepositions, articles and `and`. Nothing at all is one.
 *
 * @example isNounPhrase('pieces of candy') // true
 * @example isNounPhrase('or beyond') // false
 */
export function isNounPhrase(written: string): boolean {
  let text = written.trim();
  for (let round = 0; round < 4 && text !== ''; round++) {
    const symbol = SYMBOLS.exec(text)?.[0];
    if (symbol === undefined || /^\p{L}/u.test(text.slice(symbol.length))) break;
    text = text.slice(symbol.length).trim();
  }
  if (text === '') return true;
  if (/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}]/u.test(text)) {
    const noun = text.replace(UNSPACED_END, '').replace(/\s+(?=\p{Script=Hangul})/gu, '');
    return WITHOUT_SPACES.test(noun) && !DENYING.test(noun);
  }
  if (!/^[\p{L}\p{M}\d$€£%°\s.'’/()\\{}^-]*$/u.test(text)) return false;
  const words = text.replace(COMPARING, ' ').match(/[\p{L}\p{M}]+/gu) ?? [];
  if (words.length === 0 || words.length > MOST_WORDS) return false;
  if (words.some((word) => CLOSED.test(word)) || /[’']t(?!\p{L})/u.test(text)) return false;
  if (/^(?:and|than|as|then|on|off|up|down|out|over|under|around|to)(?!\p{L})/iu.test(text)) return false;
  if (UNJOINED.test(text)) return false;
  return !DANGLING.test(words.at(-1) ?? '') || words.length === 1;
}

/** Whether words behind a named value (`x = 31 cm`) can't be a predicate: none, one word, or a unit of symbols. */
export function isNoPredicate(written: string): boolean {
  const [clause = ''] = written.split(
    /[,;:(，；（]|(?<!\p{L})(?:because|since|as|where|which|and|is|for|when)(?!\p{L})/u,
    1,
  );
  return (clause.replace(/\\(?:text\w*|[,;]) ?|[^\p{L}\p{M}\s]/gu, ' ').match(/\S+/g) ?? []).length <= 2;
}

/**
 * Whether words begin with what is counted, whatever is said of it: `students don't read novels`. A verb directly behind a number
 * (`drops out`) can't be told from a noun: it is for places where the number itself is computed.
 */
export function isCounted(written: string): boolean {
  const [first = ''] = written.trim().match(/^[\p{L}\p{M}]+/u) ?? [];
  return first.length > 1 && !CLOSED.test(first);
}

/** `primes below 1000`, `integers greater than 5`: a noun that is bounded, not the value. */
const COMPARING =
  /(?<=\p{L}\s+)(?:below|above|beyond|under|over|up to|at most|at least|not exceeding|(?:less|greater|smaller|larger|more|fewer|bigger|older|younger|longer|shorter|higher|lower) than)(?=\s+[\d$\\\p{L}])/giu;

const NUMBER_AND_WORDS =
  /^(?:[A-Za-z]\s*=\s*)?[$(]*[-−]?\d[\d.,]*[)$%]*(?:\s+|(?=[^\0-\u024f]))([\p{L}\p{M}][^\d\\$=<>+*/^]*)$/u;

/** Whether a text is a number with words behind it that are neither a unit nor a noun phrase: `31 drops out`. */
export function isSaidOfNumber(text: string): boolean {
  const words = NUMBER_AND_WORDS.exec(text.trim())?.[1];
  if (words === undefined) return false;
  return !isNounPhrase(words.replace(/[.。।!！]+$/u, '')) || (text.includes('=') && !isNoPredicate(words));
}
