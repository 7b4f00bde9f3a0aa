import { readDate } from '../structure/dates.ts';
import { saidBoolean, WHOLE } from './booleans.ts';
import { contentWords, isSaidBy } from './content-words.ts';
import { type Comparison, correct, incorrect, type Outcome } from './outcome.ts';

/** Different words for the same answer. */
const SYNONYMS: readonly (readonly [RegExp, string])[] = [
  [WHOLE.yes, 'yes'],
  [WHOLE.no, 'no'],
  [
    /^(?:(?:there |has )?(?:infinitely many|infinite number of)(?: \w+){0,3}|infinitely many|infinite(?:ly)?|infinity|infinite number|\\infty|unbounded|无数个?|无穷多个?|无限多个?|无穷大)$/,
    'infinity',
  ],
  [
    /^(?:none|(?:there |it has |has |equation has )?no (?:such )?(?:real |integer |positive |valid |possible )*(?:solutions?|roots?|answers?|values?|numbers?|integers?|functions?|pairs?|triples?|such)?(?: of \w+)?(?: exists?)?|there no such \w+(?: exists?)?|(?:it |limit |they |solutions? )?do(?:es)? not exist|dne|undefined|empty(?: set)?|\\emptyset|\\varnothing|no such \w+(?: \w+)?(?: exists?)?|(?:it )?(?:impossible|not possible)|no real|nonexistent|non existent|无解|不存在|无|空集|没有)$/,
    'none',
  ],
  [
    /^(?:(?:for )?(?:all|every|any) reals?(?: numbers?| values?)?(?: \w)?|(?:set of )?(?:all )?real numbers|any real number|\\mathbb ?\{? ?r ?\}?|reals|全体实数|所有实数|一切实数|实数集|任意实数)$/,
    'reals',
  ],
  [/^neither(?: \w+){1,2} nor(?: \w+){1,2}$/, 'neither'],
  [/^(?:quadrant (?:i|1|one)|(?:first|1st|i) quadrant|第一象限)$/, 'quadrant i'],
  [/^(?:quadrant (?:ii|2|two)|(?:second|2nd|ii) quadrant|第二象限)$/, 'quadrant ii'],
  [/^(?:quadrant (?:iii|3|three)|(?:third|3rd|iii) quadrant|第三象限)$/, 'quadrant iii'],
  [/^(?:quadrant (?:iv|4|four)|(?:fourth|4th|iv) quadrant|第四象限)$/, 'quadrant iv'],
  [/^(?:(?:set of )?(?:all )?integers|any integer|every integer|全体整数|所有整数)$/, 'integers'],
];

/** Lower case without punctuation, articles, LaTeX spacing and a final full stop. */
export function plainText(text: string): string {
  const plain = text
    .toLowerCase()
    .replace(/\\(?:text\w*|mathrm|mathbf|quad|qquad|,|;|!|left|right)\b/g, ' ')
    .replace(/[{}$"'`*~]/g, ' ')
    .replace(/\s*[-–]\s*(?=[a-z])/g, ' ')
    .replace(/[.,;:!?()]+/g, ' ')
    .replace(/\b(?:the|a|an|is|are)\b/g, ' ')
    .replace(/^\s*(?:on|in|at|by)\s+(?=[a-z]{3,}\s*$)/, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  for (const [pattern, name] of SYNONYMS) if (pattern.test(plain)) return name;
  return plain;
}

/** `ABD`, `A, B, D`, `A and B`: the letters in order; undefined for anything else. */
export function choiceSet(text: string): string | undefined {
  const letters = text.replace(/\\(?:text|textbf|mathrm)|\band\b|[\s,;、(){}.$&]/g, '');
  return /^[A-H]{2,8}$/.test(letters) && new Set(letters).size === letters.length
    ? [...letters].sort().join('')
    : undefined;
}

export function compareTexts(gold: string, answer: string, _how: Comparison): Outcome {
  const [a, b] = [plainText(gold), plainText(answer)];
  // `-\\text{east}` is not east.
  if (/^\s*-\s?\\?\w/.test(gold) !== /^\s*-\s?\\?\w/.test(answer)) return incorrect('text-differs');
  if (a === '' || b === '') return incorrect('empty');
  const [goldDate, answerDate] = [readDate(gold), readDate(answer)];
  if (goldDate !== undefined && goldDate === answerDate) return correct('date-equal');
  const [goldBoolean, answerBoolean] = [saidBoolean(gold), saidBoolean(answer)];
  if (goldBoolean !== undefined && goldBoolean === answerBoolean && (a === goldBoolean || b === answerBoolean))
    return correct('text-equal');
  if (a === b || a.replace(/\s/g, '') === b.replace(/\s/g, '')) return correct('text-equal');
  if (contentWords(a) === contentWords(b)) return correct('text-equal');
  if (isSaidBy(gold, answer) || isSaidBy(answer, gold)) return correct('text-said');
  return incorrect('text-differs');
}
