import { DENIAL } from './denial.ts';
import { isCounted } from './noun-phrases.ts';
import { NO_RESULT, SUPPOSES } from './plain-statements.ts';
import { isTail } from './tails.ts';

/** The value that a sentence computes in numbers: `they spend $6 + $5 + $3 = $14 for the salad`. */

const NUMBER = '(?:[$€£]\\s?)?(?:\\d[\\d,]*(?:\\.\\d+)?|\\.\\d+)%?';
/** A number, perhaps with its unit: `15 gallons`, `$10/week`. */
const TERM = `\\(*\\s*[-−]?${NUMBER}(?:\\s?/\\s?[a-z]{2,12})?(?:\\s[a-z]{2,12}(?![a-z])){0,2}\\s*\\)*`;
const OPERATOR = '\\s*(?:[-+*/×÷·–−x]|\\\\times|\\\\div|\\\\cdot)\\s*';
const COMPUTATION = new RegExp(
  `(?<![\\d.=+*/^-]\\s*)${TERM}(?:${OPERATOR}${TERM}){1,12}\\s*=\\s*(?:${TERM}(?:${OPERATOR}${TERM}){0,12}\\s*=\\s*){0,4}(${NUMBER})(?![\\d^({\\\\]|[.,]\\d|\\s*[-+*/×÷=^]\\s*[$\\d(])`,
  'giu',
);

/** Words before a computation or behind its value that suppose, contrast, bound or order. */
const ASTRAY =
  /(?<!\p{L})(?:if|but|however|yet|unless|though|although|or|instead|otherwise|wrong(?:ly)?|incorrect|false(?:ly)?|mistak\p{L}+|would|step|so far|thus far|let|ruled|nobody|(?:at (?:least|most)|(?:more|less|fewer|greater) than|up to|under|over|about|around)$)(?!\p{L})/iu;
/** `$80 was withheld`: a predicate that says where what is counted went. */
const WENT =
  /^\s*(?:[a-z]+\s){0,3}(?:was|were|is|are) (?:left|withheld|spent|saved|used|sold|paid|needed|required|remaining)(?!\p{L})/iu;
const isHeld = (clause: string): boolean =>
  ASTRAY.test(clause) || DENIAL.test(clause) || SUPPOSES.test(clause) || NO_RESULT.test(clause);

/** Words directly before a computation that deny, suppose or doubt its result. */
const FAULTED =
  /(?<!\p{L})(?:(?:not|n['’]t|cannot|never|doubt)(?:\s\p{L}+)?$|(?:doubt|think|thought|guess(?:ed|es)?|claim|suppose|assume|wrong|incorrect|naive|tempting|mistaken)(?!\p{L})|^so far|(?:at (?:least|most)|(?:more|less|fewer|greater) than|ruled out)$|^let(?!['’])|^nobody|^without)|(?<=\p{L})n['’]t(?:\s\p{L}+)?$/iu;

/**
 * The result of the last computation of a sentence, with its currency or percent sign; `held` where its clause denies or
 * supposes it; undefined where there is none or where more than a tail stands behind it.
 *
 * @example computedValue('They spend $6 + $5 + $3 = $14 for the salad') // '$14'
 */
export function computedValue(sentence: string): string | 'held' | undefined {
  const line = sentence.slice(sentence.lastIndexOf('\n') + 1);
  if (line.length > 600 || !line.includes('=')) return undefined;
  const found = [...line.matchAll(COMPUTATION)].at(-1);
  const value = found?.[1];
  if (found === undefined || value === undefined) return undefined;
  const before = line.slice(0, found.index);
  const behind = line.slice(found.index + found[0].length);
  const clause = before
    .replace(
      /^.*(?:[,;:](?=\s)|(?<!\p{L})(?:so(?! far)|thus(?! far)|therefore|then|which|(?<!(?:doubt|say|think|claim|believe|suppose|not|assume|said) )that)(?!\p{L}))/iu,
      '',
    )
    .trim();
  if (/[=<>≤≥≈]/.test(behind)) return undefined;
  if (FAULTED.test(clause)) return 'held';
  if (isHeld(clause)) return undefined;
  if (/^\s*(?:and|then)(?!\p{L}).*\d/iu.test(behind)) return 'held';
  const isPlain =
    isTail(behind) ||
    (WENT.test(behind) && !ASTRAY.test(behind)) ||
    (isCounted(behind) && !/^\s*(?:and|then|with)(?!\p{L})/iu.test(behind) && !/\d/.test(behind) && !isHeld(behind));
  return isPlain ? value : undefined;
}

const REASONED = new RegExp(
  `^([^.;:!?=]{3,160}?),?\\s+(?:because|since|as)\\s+${TERM}(?:(?:${OPERATOR}|\\s(?:times|plus|minus|divided by)\\s)${TERM}){1,8}\\s*(?:=|equals)\\s*(${NUMBER})(?:\\s[a-z]{2,12}){0,2}\\.?$`,
  'iu',
);

/** `20 customers go home because 100 - 80 = 20`: a value that a sentence states once, and computes behind `because`; `held` where it is denied. */
export function reasonedValue(sentence: string): string | 'held' | undefined {
  const line = sentence.slice(sentence.lastIndexOf('\n') + 1).trim();
  const [, main = '', value = ''] = REASONED.exec(line) ?? [];
  if (value === '') return undefined;
  const number = value.replace(/[$€£%\s]/g, '');
  const stated = [...main.matchAll(/(?<![\d.,])\d[\d,]*(?:\.\d+)?(?!\p{L})/gu)].map(([digits]) => digits);
  const isOnce = stated.filter((digits) => Number(digits.replaceAll(',', '')) === Number(number.replaceAll(',', '')));
  // `15 is a trap because …`: what is judged is the number itself.
  const isJudged =
    /^\W*\d[\d,.]*%?\s+(?:is|was|can|cannot|has|gets?|fails?|drops?|goes|does|will|must|may|would)(?!\p{L})/iu.test(
      main,
    );
  const words = main.replace(/(?<!\p{L})(?:without any \p{L}+|would (?:fit|need|take|cost|pay|be))(?!\p{L})/giu, ' ');
  if (isOnce.length !== 1) return undefined;
  return isJudged || FAULTED.test(words) || DENIAL.test(words) || REJECTED.test(words) ? 'held' : value;
}

const REJECTED =
  /(?<!\p{L})(?:fails?|failed|violat\p{L}+|contradict\p{L}*|impossible|invalid|too|twice|at (?:least|most)|(?:more|less|fewer|greater) than|extraneous|out|trap|ruled)(?!\p{L})/iu;
