import { compareAnswers } from './compare/answers.ts';
import { literalOf } from './compare/decimals.ts';
import { withoutLabel } from './compare/labels.ts';
import { type Comparison, incorrect, type Outcome } from './compare/outcome.ts';
import { choiceSet } from './compare/text.ts';
import { describe, kindOf, MAX_ANSWER_LENGTH, PLAIN_INTEGER, type ReadAnswer, readAnswer } from './compile.ts';
import { boxedAnswer } from './extract/boxed.ts';
import { type Found, findAnswers } from './extract/extract.ts';
import { bareLetter, firstLetter, lastLetter, leadingLetter, textAfterLetter } from './extract/letters.ts';
import { afterAnswerPhrase } from './extract/phrases.ts';
import { firstSentence } from './extract/sentences.ts';
import { isProse } from './normalise/prose.ts';
import { type GradeOptions, resolveOptions } from './options.ts';
import type { Answer } from './structure/structure.ts';
import type { GradeResult } from './types.ts';

/** A gold answer, read once per problem. Not serialisable; compile again from `gold` and `options`. */
export interface CompiledGold {
  readonly gold: string;
  readonly options: GradeOptions;
  readonly answer: ReadAnswer;
  /** Structure it was read as; `text` is compared as words only. */
  readonly kind: string;
  /** With `choices`: the text behind the letter, which answers as well. */
  readonly choice?: CompiledGold;
  /** For multiple choice: the letter. */
  readonly letter?: string;
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
  const boxed = isInteger ? undefined : boxedAnswer(gold);
  let source = boxed ?? gold;
  if (boxed === undefined && /\banswer\b/i.test(gold) && gold.length > 12)
    source = firstSentence(afterAnswerPhrase(gold) ?? gold);
  if (source.trim() === '') return { error: 'the box of the gold answer is empty' };
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
    options: resolved,
    answer,
    // Read only where it is asked for: many answers are the gold's text.
    get kind() {
      return kindOf(answer);
    },
    ...(letter !== undefined && { letter }),
    ...(choice && { choice }),
  };
}

/** The verdict on a response. Never throws, never takes more than a bounded amount of work. */
export function grade(gold: CompiledGold, response: string): GradeResult {
  return explainGrade(gold, response);
}

/** Like {@link grade}, with the steps that led to the verdict written to `trace`. */
export function explainGrade(gold: CompiledGold, response: string, trace?: string[]): GradeResult {
  const { options } = gold;
  if (options.extraction === 'any' && response.trim() === gold.gold.trim())
    return { verdict: 'correct', reason: 'identical', answer: gold.gold };
  if (options.extraction === 'box-only') {
    const boxed = boxedAnswer(response);
    if (boxed === undefined) return { verdict: 'incorrect', reason: 'no-answer' };
    trace?.push(`answer (boxed): ${boxed}`);
    return { ...decide(gold, boxed, trace), answer: boxed };
  }
  const quick = compareIntegers(gold.answer.key, response);
  if (quick) return { ...quick, answer: response };
  const chosen = letterVerdict(gold, response, trace);
  if (chosen) return chosen;
  if (gold.choice) return explainGrade(gold.choice, response, trace);
  const isMath = (text: string) => {
    if (isProse(text)) return false;
    const read = readAnswer(text);
    return (
      read !== undefined && (read.key === gold.answer.key ? gold.kind !== 'text' : read.readings.some(isMathematics))
    );
  };
  let result: GradeResult | undefined;
  for (const found of candidates(gold, response, isMath)) {
    trace?.push(`answer (${found.how}): ${found.answer}`);
    const outcome = decideBehindLetter(gold, found.answer, trace);
    result ??= { ...outcome, answer: found.answer };
    if (outcome.verdict === 'correct') return { ...outcome, answer: found.answer };
    if (readAnswer(found.answer) !== undefined && isMath(found.answer)) break;
  }
  return result ?? { verdict: 'incorrect', reason: 'no-answer' };
}

/** `(B) 12` answers 12 where the gold is no letter. */
function decideBehindLetter(gold: CompiledGold, found: string, trace?: string[]): Outcome {
  const outcome = decide(gold, found, trace);
  if (outcome.verdict === 'correct' || gold.letter !== undefined) return outcome;
  const behind = leadingLetter(found) === undefined ? undefined : textAfterLetter(found);
  const other = behind === undefined ? outcome : decide(gold, behind, trace);
  return other.verdict === 'correct' ? other : outcome;
}

/** Not words, nor a list with words in it. */
function isMathematics(answer: Answer): boolean {
  return answer.kind === 'list' ? !answer.items.some((item) => item.kind === 'text') : answer.kind !== 'text';
}

function* candidates(gold: CompiledGold, response: string, isMath: (text: string) => boolean): Generator<Found> {
  // A text gold is looked for as a text first.
  const isShort = response.length <= Math.max(300, gold.gold.length * 2);
  if (isShort && (isProse(gold.gold) || gold.kind === 'text')) yield { answer: response, how: 'whole' };
  yield* findAnswers(response, isMath);
}

const STARTS_WITH_LETTER = /^[A-J](?:,\s|\s+is\s+(?:the\s+)?(?:correct|right|best|answer)|[项選选]?项?正确|选项正确)/;
const SEVERAL_LETTERS = /^\(?[A-J]\)?\s*(?:or|and|\/|或)\s*\(?[A-J]\)?(?![A-Za-z])/;

/** Multiple choice is decided by the letter alone, where the response settles on one. */
function letterVerdict(gold: CompiledGold, response: string, trace?: string[]): GradeResult | undefined {
  if (gold.letter === undefined || /^[-−]/.test(response.trim())) return undefined;
  const boxed = boxedAnswer(response);
  const isFirst = boxed === undefined && STARTS_WITH_LETTER.test(response.trim());
  const phrase = boxed === undefined && !isFirst ? afterAnswerPhrase(response) : undefined;
  const place = boxed ?? (phrase === undefined ? response.trim() : firstSentence(phrase));
  if (boxed === undefined && SEVERAL_LETTERS.test(place)) return undefined;
  const letter =
    bareLetter(place) ??
    leadingLetter(place) ??
    (phrase === undefined && !isFirst ? undefined : firstLetter(place, gold.letter)) ??
    (boxed === undefined ? lastLetter(place, gold.letter) : undefined);
  if (letter === undefined) return undefined;
  trace?.push(`letter: ${letter}`);
  return {
    verdict: letter === gold.letter ? 'correct' : 'incorrect',
    reason: letter === gold.letter ? 'choice-equal' : 'choice-differs',
    answer: letter,
  };
}

function decide(gold: CompiledGold, found: string, trace?: string[]): Outcome {
  const quick = compareIntegers(gold.answer.key, found);
  if (quick) return quick;
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
