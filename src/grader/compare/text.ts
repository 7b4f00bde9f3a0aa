import { readDate } from '../structure/dates.ts';
import { type Comparison, correct, incorrect, type Outcome } from './outcome.ts';

/** Different words for the same answer. */
const SYNONYMS: readonly (readonly [RegExp, string])[] = [
  [/^(?:yes|true|correct|right|oui|ja|sí|是|对|正确)$/, 'yes'],
  [/^(?:no|false|incorrect|wrong|non|nein|否|错|不是|错误)$/, 'no'],
  [/^(?:infinitely many(?: \w+)?|infinite(?:ly)?|infinity|infinite number(?: of \w+)?|\\infty|unbounded)$/, 'infinity'],
  [
    /^(?:none|no (?:real )?(?:solutions?|roots?|answers?|values?)(?: exists?)?|there (?:is|are) no (?:real )?solutions?|does not exist|do not exist|dne|undefined|empty(?: set)?|\\emptyset|\\varnothing|no such \w+(?: exists?)?|impossible|not possible|无解|不存在)$/,
    'none',
  ],
  [
    /^(?:all reals?(?: numbers?)?|every real(?: number)?|real numbers|any real number|\\mathbb ?\{? ?r ?\}?|reals)$/,
    'reals',
  ],
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
  if (a === b || a.replace(/\s/g, '') === b.replace(/\s/g, '')) return correct('text-equal');
  return incorrect('text-differs');
}
