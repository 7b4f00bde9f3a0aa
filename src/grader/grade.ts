import { compareAnswers } from './compare/answers.ts';
import { isBoolean, saidBoolean } from './compare/booleans.ts';
import { literalOf } from './compare/decimals.ts';
import { withoutLabel } from './compare/labels.ts';
import { type Comparison, incorrect, type Outcome } from './compare/outcome.ts';
import { choiceSet } from './compare/text.ts';
import { describe, kindOf, MAX_ANSWER_LENGTH, PLAIN_INTEGER, type ReadAnswer, readAnswer } from './compile.ts';
import { boxedAnswer, findBoxes } from './extract/boxed.ts';
import { withoutEmphasis } from './extract/emphasis.ts';
import { behindValue, type Found, findAnswers, type NoAnswer } from './extract/extract.ts';
import { finalPart } from './extract/final-part.ts';
import { hedgeOf } from './extract/hedges.ts';
import {
  bareLetter,
  behindLetter,
  firstLetter,
  isRuledOut,
  lastLetter,
  leadingLetter,
  replacedLetter,
  textAfterLetter,
} from './extract/letters.ts';
import { afterAnswerPhrase, findClaims } from './extract/phrases.ts';
import { isRefusal } from './extract/refusals.ts';
import { firstSentence, lastSentences } from './extract/sentences.ts';
import { stands } from './extract/tails.ts';
import { wordsSaid } from './extract/words.ts';
import { plainTimes, wholeTime } from './normalise/clock-times.ts';
import { type GradeOptions, resolveOptions } from './options.ts';
import type { Answer } from './structure/structure.ts';
import type { GradeResult } from './types.ts';

/** A gold answer, read once per problem. Not serialisable; compile again from `gold` and `options`. */
export interface CompiledGold {
  readonly gold: string;
  readonly options: GradeOptions;
  /** What of it is the answer. */
  readonly source: string;
  readonly answer: ReadAnswer;
  /** Structure it was read as; `text` is compared as words only. */
  readonly kind: string;
  /** With `choices`: the text behind the letter, which answers as well. */
  readonly choice?: CompiledGold;
  /** For multiple choice: the letter. */
  readonly letter?: string;
  /** Whether a part of a response is mathematics; what is the gold word for word is if the gold is. */
  readonly isMath: (part: string) => boolean;
}

export interface GoldError {
  readonly error: string;
}

export function isGoldError(gold: CompiledGold | GoldError): gold is GoldError {
  return 'error' in gold;
}

/** Work units of one grade; a unit is well under a microsecond. */
const WORK = 25_000;

/**
 * Reads a gold answer as published. Golds that are whole solutions (with a box or an answer phrase) count by their answer.
 * A gold that can't be read is a value that names why; data sets are checked with it when they are loaded.
 */
export function compileGold(gold: string, options: Partial<GradeOptions> = {}): CompiledGold | GoldError {
  const resolved = resolveOptions(options);
  if (gold.trim() === '') return { error: 'the gold answer is empty' };
  const isInteger = PLAIN_INTEGER.test(gold);
  if (!isInteger && findBoxes(gold).isLastVoid) return { error: 'the box of the gold answer is empty' };
  const boxed = isInteger ? undefined : boxedAnswer(gold);
  // GSM8K's own form: a solution, then `#### 12`.
  const afterHashes = isInteger ? undefined : /(?:^|\n)\s*#{4}\s*([^\n#]+?)\s*$/.exec(gold)?.[1];
  let source = afterHashes ?? boxed ?? gold;
  if (afterHashes === undefined && boxed === undefined && /\banswer\b/i.test(gold) && gold.length > 12)
    source = firstSentence(afterAnswerPhrase(gold) ?? gold);
  if (source.trim() === '') return { error: 'the box of the gold answer is empty' };
  if (!isInteger) source = wholeTime(source) ?? source;
  const answer = readAnswer(source);
  if (answer === undefined)
    return {
      error:
        source.length > MAX_ANSWER_LENGTH
          ? `the gold answer is longer than ${MAX_ANSWER_LENGTH} characters`
          : 'nothing is left of the gold answer after normalisation',
    };
  const letter =
    isInteger || choiceSet(source) !== undefined ? undefined : (bareLetter(source) ?? leadingLetter(source));
  // `(B) 12`: the text behind the letter answers as well.
  const text = letter === undefined ? undefined : (resolved.choices?.[letter] ?? textAfterLetter(source));
  const choice = text === undefined ? undefined : compileGold(text, { ...options, choices: {} });
  if (choice && isGoldError(choice)) return { error: `choice ${letter}: ${choice.error}` };
  return {
    gold,
    source,
    options: resolved,
    answer,
    // Read only where it is asked for: many answers are the gold's text.
    get kind() {
      return kindOf(answer);
    },
    isMath: mathematicsLike(answer),
    ...(letter !== undefined && { letter }),
    ...(choice && { choice }),
  };
}

function mathematicsLike(gold: ReadAnswer): (part: string) => boolean {
  return (part) => {
    if (part.length > MAX_ANSWER_LENGTH) return false;
    const read = readAnswer(part);
    if (read === undefined) return false;
    return read.key === gold.key && !read.isProse ? kindOf(gold) !== 'text' : read.isMathematics;
  };
}

/** The verdict on a response. Never throws, never takes more than a bounded amount of work. */
export function grade(gold: CompiledGold, response: string): GradeResult {
  return explainGrade(gold, response);
}

/** Like {@link grade}, with the steps that led to the verdict written to `trace`. */
export function explainGrade(gold: CompiledGold, response: string, trace?: string[]): GradeResult {
  const { options } = gold;
  if (options.extraction === 'box-only') return gradeBox(gold, finalPart(response), trace);
  if (response.trim() === gold.gold.trim()) return { verdict: 'correct', reason: 'identical', answer: gold.gold };
  const quick = compareIntegers(gold.answer.key, response);
  if (quick) return { verdict: quick.verdict, reason: quick.reason, answer: response };
  return gradeFinalPart(gold, finalPart(response), trace);
}

function gradeBox(gold: CompiledGold, text: string, trace?: string[]): GradeResult {
  const [found] = findAnswers(text, () => false);
  if (found?.how !== 'boxed')
    return { verdict: 'incorrect', reason: found?.how === 'none' ? found.reason : 'no-answer' };
  trace?.push(`answer (boxed): ${found.answer}`);
  return { ...decide(gold, found.answer, trace), answer: found.answer };
}

function gradeFinalPart(gold: CompiledGold, written: string, trace?: string[]): GradeResult {
  const text = gold.kind === 'time' ? plainTimes(written) : written;
  const chosen = letterVerdict(gold, text, trace);
  if (chosen) return chosen;
  if (gold.choice) return gradeFinalPart(gold.choice, text, trace);
  let result: GradeResult | undefined;
  let isDecided = false;
  let decidedBy: Found['how'] | undefined;
  for (const found of candidates(gold, text)) {
    if (found.how === 'none') {
      trace?.push(`no answer: ${found.reason}`);
      result = { verdict: 'incorrect', reason: found.reason };
      break;
    }
    // Two readings of one announcement are both tried.
    if (isDecided && found.how !== decidedBy) break;
    trace?.push(`answer (${found.how}): ${found.answer}`);
    const { verdict, reason } = withRival(gold, found, decideBehindLetter(gold, found.answer, trace), trace);
    if (verdict === 'correct') return { verdict, reason, answer: found.answer };
    result ??= { verdict, reason, answer: found.answer };
    isDecided ||= gold.isMath(found.answer);
    decidedBy = isDecided && (found.how === 'phrase' || found.how === 'sentence') ? found.how : undefined;
  }
  return result ?? { verdict: 'incorrect', reason: 'no-answer' };
}

/** Two answers that are announced together must agree; one that is announced later takes the place of one that was only reached. */
function withRival(gold: CompiledGold, { rival, isOnTheWay }: Found, outcome: Outcome, trace?: string[]): Outcome {
  if (rival === undefined) return outcome;
  trace?.push(`also announced: ${rival}`);
  const other = decide(gold, rival, trace);
  if (outcome.verdict === 'correct') return other.verdict === 'incorrect' ? incorrect('contradictory') : outcome;
  return isOnTheWay ? other : outcome;
}

/** `(B) 12` answers 12 where the gold is no letter. */
function decideBehindLetter(gold: CompiledGold, found: string, trace?: string[]): Outcome {
  const outcome = decide(gold, found, trace);
  if (outcome.verdict === 'correct' || gold.letter !== undefined) return outcome;
  const behind = leadingLetter(found) === undefined ? undefined : textAfterLetter(found);
  const other = behind === undefined ? outcome : decide(gold, behind, trace);
  return other.verdict === 'correct' ? other : outcome;
}

function candidates(gold: CompiledGold, response: string): Iterable<Found | NoAnswer> {
  const isText = gold.kind === 'text' || gold.answer.isProse;
  return isText && !MARKED.test(response) ? textCandidates(gold, response) : findAnswers(response, gold.isMath);
}

/** A text gold is looked for as a text first, unless the answer is marked. */
function* textCandidates(gold: CompiledGold, response: string): Generator<Found | NoAnswer> {
  const isShort = response.length <= Math.max(300, gold.gold.length * 2);
  if (isShort && !/[?？؟]\s*$/.test(response)) yield { answer: response, how: 'whole' };
  if (isBoolean(gold.source)) {
    const said = partsOf(response, isShort).find((part) => saidBoolean(part) !== undefined);
    if (said !== undefined) return yield { answer: said, how: 'sentence' };
  }
  if (gold.kind === 'text') for (const answer of wordsSaid(response)) yield { answer, how: 'sentence' };
  yield* findAnswers(response, gold.isMath);
}

/** Where a response says yes or no: a short one in its first or last words, then what it announces, else its last sentence. */
function partsOf(response: string, isShort: boolean): string[] {
  const claim = findClaims(response).at(-1);
  if (claim === undefined) return isShort ? [response] : [...lastSentences(response, 1)];
  const announced = firstSentence(claim.text);
  // `The answer is not no.`
  const isTurned = /(?:(?<!\p{L})(?:not|never)|n['’]t)\s*$/iu.test(
    response.slice(claim.start, response.indexOf(claim.text, claim.start)),
  );
  return [...(isShort ? [response] : []), ...(isTurned ? [] : [announced])];
}

const MARKED = /\\(?:boxed|fbox)|<\/answer>/;

const STARTS_WITH_LETTER = /^[A-J](?:,\s|\s+is\s+(?:the\s+)?(?:correct|right|best|answer)|[项選选]?项?正确|选项正确)/;
const SEVERAL_LETTERS =
  /^(?:either\s+|entweder\s+|soit\s+)?\(?[A-J]\)?\s*(?:or|and|\/|或|und|oder|et|ou|y|e|o|и|или|和|与)\s*\(?[A-J]\)?(?![A-Za-z])/;

/** Multiple choice is decided by the letter alone, where the response settles on one. */
function letterVerdict(gold: CompiledGold, response: string, trace?: string[]): GradeResult | undefined {
  if (gold.letter === undefined || /^[-−]/.test(response.trim())) return undefined;
  const letter = letterOf(response, gold.letter);
  if (letter === undefined)
    return isRuledOut(withoutEmphasis(response).trim()) ||
      (isUnspaced(response) && bareLetter(gold.source) !== undefined)
      ? { verdict: 'incorrect', reason: 'choice-differs' }
      : undefined;
  trace?.push(`letter: ${letter}`);
  return {
    verdict: letter === gold.letter ? 'correct' : 'incorrect',
    reason: letter === gold.letter ? 'choice-equal' : 'choice-differs',
    answer: letter,
  };
}

/** `B可以排除`: a letter with a word of a script without spaces would be read as a product. */
function isUnspaced(response: string): boolean {
  return !MARKED.test(response) && /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Hangul}]/u.test(response);
}

/** Somebody who changes their mind, up to a letter that follows. */
const CHANGE =
  /^[\s\S]*(?:\b(?:no,? wait|wait|on second thoughts?|but (?:after|then|actually|now|in fact|on)|actually,? no|correction|scratch that)\b|不对)(?=[\s\S]*(?<![A-Za-z])[A-J](?![A-Za-z]))/i;

function afterChange(text: string): string {
  return text.replace(CHANGE, '').replace(/^[\s,:.]+/, '');
}

/** The letter in a marked answer, after the last answer phrase that names one, else the one that the text settles on. */
function letterOf(response: string, gold: string): string | undefined {
  if (MARKED.test(response)) {
    const [found] = findAnswers(response, () => false);
    return found === undefined || found.how === 'none'
      ? undefined
      : (bareLetter(found.answer) ?? leadingLetter(found.answer));
  }
  const whole = withoutEmphasis(response).trim();
  const text = afterChange(whole);
  const isFirst = STARTS_WITH_LETTER.test(text);
  const claims = isFirst ? [] : findClaims(text).filter(({ isStrong }) => isStrong);
  for (const claim of [...claims].reverse()) {
    const { text: place, isDenied } = claim;
    if (isDenied) break;
    const sentence = firstSentence(place);
    if (isRuledOut(sentence)) continue;
    if (SEVERAL_LETTERS.test(sentence)) return undefined;
    const letter =
      bareLetter(sentence) ?? leadingLetter(sentence) ?? firstLetter(sentence, gold) ?? lastLetter(sentence, gold);
    if (letter !== undefined) {
      const behind = behindValue(text, claim, [letter]);
      const replaced = replacedLetter(behind, letter, gold);
      if (replaced !== undefined) return replaced;
      return stands(behindLetter(behind, letter, gold), letter) ? letter : undefined;
    }
  }
  if (SEVERAL_LETTERS.test(text) || (claims.length === 0 && !isFirst && isRefusal(text))) return undefined;
  return (
    bareLetter(text) ??
    (isRuledOut(text) ? undefined : leadingLetter(text.replace(/^(?:option|choice)\s+/i, ''))) ??
    (isFirst ? firstLetter(text, gold) : undefined) ??
    lastLetter(text, gold)
  );
}

const DEGREE = /°|\\circ|degree/i;
const TEMPERATURE =
  /(?:°|\\circ\}?\$?|degrees?)\s*(?:\\(?:text|mathrm|rm)\s*\{?\s*)?(?:[CF](?![A-Za-z])|celsius|fahrenheit)/i;
const ARC_MINUTES = /^[\s$]*[-−]?\d[\d.]*\s*(?:['′]|\^\{?\\prime\}?)[\s$.]*$/;

/** `30'` and `30°C` are no angle of 30°. */
function isOtherDegree(gold: string, answer: string): boolean {
  if (!DEGREE.test(gold) || TEMPERATURE.test(gold) || gold.includes("'")) return false;
  return TEMPERATURE.test(answer) || ARC_MINUTES.test(answer) || (/%/.test(answer) && !gold.includes('%'));
}

const RADIANS = /(?<=[\d\s}\\)$π])(?:\\(?:text|mathrm|rm)\s*\{?\s*)?rad(?:ians?)?(?![a-zA-Z])\s*\}?/;
/** An angle in radians for a gold in degrees, in degrees: `\frac{2\pi}{5}` radians as 72°. */
function inDegrees(gold: string, answer: string): string {
  if (!DEGREE.test(gold) || !RADIANS.test(answer) || RADIANS.test(gold)) return answer;
  const value = answer
    .slice(answer.lastIndexOf('=') + 1)
    .replace(RADIANS, '')
    .replace(/\$|\\[()]/g, '')
    .trim();
  return `\\left(\\frac{180 \\cdot (${value})}{\\pi}\\right)^\\circ`;
}

function decide(gold: CompiledGold, whole: string, trace?: string[]): Outcome {
  const quick = compareIntegers(gold.answer.key, whole);
  if (quick) return quick;
  if (isOtherDegree(gold.source, whole)) return incorrect('unit-differs');
  const said = gold.kind === 'text' && isBoolean(gold.source) ? saidBoolean(whole) : undefined;
  if (said !== undefined)
    return said === saidBoolean(gold.source) ? { verdict: 'correct', reason: 'text-equal' } : incorrect('text-differs');
  const hedge = gold.kind === 'text' ? undefined : hedgeOf(whole);
  if (hedge?.kind === 'other') return incorrect('qualified');
  const found = hedge ? `${hedge.kind} ${hedge.value}` : inDegrees(gold.source, whole);
  if (found.length > MAX_ANSWER_LENGTH) return incorrect('answer-too-long');
  const answer = readAnswer(found);
  if (answer === undefined) return incorrect('empty-answer');
  if (answer.key === gold.answer.key) return { verdict: 'correct', reason: 'identical' };
  const how: Comparison = {
    options: gold.options,
    budget: { left: WORK },
    compare: compareAnswers,
    ...(trace && { trace }),
  };
  const choices = /^-/.test(answer.key) ? undefined : choiceSet(gold.answer.key);
  if (choices !== undefined && choices === choiceSet(found)) return { verdict: 'correct', reason: 'choice-equal' };
  let result: Outcome | undefined;
  for (const [g, goldReading] of gold.answer.readings.entries()) {
    for (const [a, answerReading] of answer.readings.entries()) {
      trace?.push(`gold ${describe(goldReading)} · answer ${describe(answerReading)}`);
      const outcome = compareAnswers(goldReading, answerReading, how);
      // A second reading only ever helps: it must match something that was written as a number or a list.
      if (outcome.verdict === 'correct')
        return gold.options.integerGold === 'literal' && isIntegerLiteral(goldReading) && !isLiteral(answerReading)
          ? incorrect('not-a-literal')
          : outcome;
      if (g === 0 && a === 0) result = outcome;
    }
  }
  return result ?? incorrect('unreadable');
}

/** Most golds and answers are short integers: no parsing for them. */
function compareIntegers(gold: string, answer: string): Outcome | undefined {
  const plain = answer.trim();
  if (!PLAIN_INTEGER.test(gold) || !PLAIN_INTEGER.test(plain)) return undefined;
  return Number(gold) === Number(plain) ? { verdict: 'correct', reason: 'integer-equal' } : incorrect('number-differs');
}

function isIntegerLiteral(answer: Answer): boolean {
  const literal = answer.kind === 'scalar' ? literalOf(answer.expression) : undefined;
  return literal !== undefined && literal.value.denominator === 1n;
}

function isLiteral(answer: Answer): boolean {
  const value = withoutLabel(answer, false);
  return value.kind === 'scalar' && literalOf(value.expression) !== undefined;
}
