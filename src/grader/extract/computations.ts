import { DENIAL } from './denial.ts';
import { isCounted } from './noun-phrases.ts';
import { NO_RESULT, SUPPOSES } from './plain-statements.ts';
import { isTail } from './tails.ts';

/** The value that a sentence computes in numbers: `they spend $6 + $5 + $3 = $14 for the salad`. */

type Kind = 'number' | 'operator' | 'equals' | 'open' | 'close' | 'word' | 'other';
interface Piece {
  readonly kind: Kind;
  readonly start: number;
}

/** One piece of a line at a time; no branch can match what another one left. */
const PIECE =
  /(?<number>(?:[$€£]\s?)?(?:\d[\d,]*(?:\.\d+)?|\.\d+)%?)|(?<word>divided by(?![a-z])|\/\s?[a-z]{2,12}(?![a-z])|[a-z]{2,12}(?![a-z]))|(?<operator>[-−+*/×÷·–]|x(?![a-z])|\\times|\\div|\\cdot)|(?<equals>=)|(?<open>\()|(?<close>\))|(?<other>\S)/giu;
/** Operators in words, behind `because`. */
const WORDED_OPERATOR = /^(?:times|plus|minus|divided by)$/i;

function piecesOf(text: string): Piece[] {
  return [...text.matchAll(PIECE)].map(({ groups, index, 0: written }) => {
    const kind = (Object.keys(groups ?? {}).find((name) => groups?.[name] !== undefined) ?? 'other') as Kind;
    return { kind: WORDED_OPERATOR.test(written) ? 'operator' : kind, start: index };
  });
}

/** Where the computation that a text ends with begins (`they pay 3 + 4`: at 3); undefined where it ends with none. One pass from the end. */
function computationStart(text: string): number | undefined {
  const pieces = piecesOf(text);
  const kindAt = (k: number): Kind | undefined => pieces[k]?.kind;
  let at = pieces.length - 1;
  let start: number | undefined;
  let operators = 0;
  let isNamed = false;
  for (;;) {
    while (kindAt(at) === 'close') at--;
    // A unit of up to two words.
    for (let words = 0; words < 2 && kindAt(at) === 'word'; words++) at--;
    while (kindAt(at) === 'close') at--;
    // `n + 5 = 20` computes nothing; in `X = 3 + 4` a name is given to what is computed.
    if (kindAt(at) !== 'number') return isNamed && operators > 0 ? start : undefined;
    const sign = text[pieces[at - 1]?.start ?? -1];
    const beforeSign = kindAt(at - 2);
    if ((sign === '-' || sign === '−') && beforeSign !== 'number' && beforeSign !== 'close' && beforeSign !== 'word')
      at--;
    while (kindAt(at - 1) === 'open') at--;
    start = pieces[at]?.start;
    const joint = kindAt(at - 1);
    if (joint !== 'operator' && joint !== 'equals') break;
    isNamed = joint === 'equals';
    if (joint === 'operator') operators++;
    at -= 2;
  }
  return operators > 0 ? start : undefined;
}

const NUMBER = '(?:[$€£]\\s?)?(?:\\d[\\d,]*(?:\\.\\d+)?|\\.\\d+)%?';
/** A number that ends what is computed. */
const RESULT = new RegExp(`^\\s*(${NUMBER})(?![\\d^({\\\\]|[.,]\\d|\\s*[-+*/×÷=^]\\s*[$\\d(])`, 'iu');

/** Words before a computation or behind its value that suppose, contrast, bound or order. */
const ASTRAY =
  /(?<!\p{L})(?:if|but|however|yet|unless|though|although|or|instead|otherwise|wrong(?:ly)?|incorrect|false(?:ly)?|mistak\p{L}+|would|step|so far|thus far|let|ruled|nobody|(?:at (?:least|most)|(?:more|less|fewer|greater) than|up to|under|over|about|around)$)(?!\p{L})/iu;
/** `$80 was withheld`: a predicate that says where what is counted went. */
const WENT =
  /^\s*(?:[a-z]+\s){0,3}(?:was|were|is|are) (?:left|withheld|spent|saved|used|sold|paid|needed|required|remaining)(?!\p{L})/iu;
const isHeld = (clause: string): boolean =>
  ASTRAY.test(clause) || DENIAL.test(clause) || SUPPOSES.test(clause) || NO_RESULT.test(clause);

/** `the wrong sum`, `a first try`, `the naive approach`: the text rejects the result that it computes. */
const FAULTY =
  /(?<!\p{L})(?:(?:wrong|incorrect|na[iï]ve|false|mistaken|tempting|flawed|faulty|bogus|erroneous|careless|hasty|invalid|rejected|discarded|abandoned|buggy)\s(?:\p{L}+\s)?(?:sum|total|answer|result|value|count|number|figure|reading|approach|way|method|calculation|computation|reasoning|argument|difference|product|amount|price|cost|formula|solution|idea|path|branch|version|line|step|case)|(?:(?:first|second|initial|earl(?:y|ier)|previous|quick|hasty|failed|wrong|na[iï]ve|careless|another|one|my|our)\s)(?:\p{L}+\s)?(?:try|tries|attempts?|guess(?:es)?|thoughts?|ideas?|impulse|instinct|intuition|hunch|draft))(?!\p{L})/iu;

/** `would be … without the theft`, `if the tax were ignored it would be …`: what isn't so. */
const COUNTERFACTUAL =
  /(?<!\p{L})(?:would(?:\shave)?|might have|could have)(?!\p{L})(?=[\s\S]*(?<!\p{L})(?:without (?:the|any|that|this|these)|but for the|were it not for|if (?:we|you|one) (?:ignor|neglect|forg[eo]t|disregard|overlook)|ignoring|neglecting|disregarding|forgetting)(?!\p{Lu}))|(?<!\p{L})(?:without (?:the|any|that|this|these)|but for the|were it not for|ignoring|neglecting|disregarding|forgetting|(?:if|had)\s[^,=]{1,60}?\s(?:(?:were|was|been|had|did)\s?(?:not|n['’]t|ignored|neglected|forgotten|disregarded|overlooked|absent|missing|skipped|dropped|waived|omitted|left out)|(?:were|was) no|(?:we|you|one) (?:ignor|neglect|forg[eo]t|disregard|overlook)\p{L}*))(?!\p{L})[\s\S]*(?<!\p{L})(?:would|might have|could have)(?!\p{L})/iu;

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
  const equals = line.lastIndexOf('=');
  const found = RESULT.exec(line.slice(equals + 1));
  const value = found?.[1];
  const start = value === undefined ? undefined : computationStart(line.slice(0, equals));
  if (found === null || value === undefined || start === undefined) return undefined;
  const before = line.slice(0, start);
  const behind = line.slice(equals + 1 + found[0].length);
  const clause = before
    .replace(
      /^.*(?:[,;:](?=\s)|(?<!\p{L})(?:so(?! far)|thus(?! far)|therefore|then|which|(?<!(?:doubt|say|think|claim|believe|suppose|not|assume|said) )that)(?!\p{L}))/iu,
      '',
    )
    .trim();
  if (/[<>≤≥≈]/.test(behind)) return undefined;
  if (FAULTED.test(clause) || FAULTY.test(clause) || COUNTERFACTUAL.test(`${before}${behind}`)) return 'held';
  if (isHeld(clause)) return undefined;
  if (/^\s*(?:and|then)(?!\p{L}).*\d/iu.test(behind)) return 'held';
  const isPlain =
    isTail(behind) ||
    (WENT.test(behind) && !ASTRAY.test(behind)) ||
    (isCounted(behind) && !/^\s*(?:and|then|with)(?!\p{L})/iu.test(behind) && !/\d/.test(behind) && !isHeld(behind));
  return isPlain ? value : undefined;
}

const BECAUSE = /,?\s(?:because|since|as)\s+/giu;
const LAST_EQUALS = /^([^=]*)(?:=|\sequals\s)([^=]*)$/iu;

/** A main clause and the number that is computed behind its `because`. */
function reasonIn(line: string): { readonly main: string; readonly value: string } | undefined {
  if (line.length > 600) return undefined;
  for (const { index, 0: joint } of line.matchAll(BECAUSE)) {
    const main = line.slice(0, index);
    if (main.length > 160 || /[.;:!?=]/.test(main)) return undefined;
    const [, computed = '', result = ''] = LAST_EQUALS.exec(line.slice(index + joint.length)) ?? [];
    const found = RESULT.exec(result);
    if (
      found?.[1] !== undefined &&
      computationStart(computed) === 0 &&
      /^(?:\s[a-z]{2,12}){0,2}\s?\.?$/i.test(result.slice(found[0].length))
    )
      return { main, value: found[1] };
  }
  return undefined;
}

/** `20 customers go home because 100 - 80 = 20`: a value that a sentence states once, and computes behind `because`; `held` where it is denied. */
export function reasonedValue(sentence: string): string | 'held' | undefined {
  const line = sentence.slice(sentence.lastIndexOf('\n') + 1).trim();
  const reason = reasonIn(line);
  if (reason === undefined) return undefined;
  const { main, value } = reason;
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
  return isJudged || FAULTED.test(words) || FAULTY.test(words) || DENIAL.test(words) || REJECTED.test(words)
    ? 'held'
    : value;
}

const REJECTED =
  /(?<!\p{L})(?:fails?|failed|violat\p{L}+|contradict\p{L}*|impossible|invalid|too|twice|at (?:least|most)|(?:more|less|fewer|greater) than|extraneous|out|trap|ruled)(?!\p{L})/iu;
