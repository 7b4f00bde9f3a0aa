import { plainDigits } from '../normalise/characters.ts';
import { withSigns } from '../normalise/number-words.ts';
import { isUnitWord } from '../structure/units.ts';
import { afterDisowning, afterJudgement } from './aftermath.ts';
import { findBoxes, lastBoxes } from './boxed.ts';
import { computedValue } from './computations.ts';
import { lastRow } from './displays.ts';
import { withoutEmphasis } from './emphasis.ts';
import { hedgeOf } from './hedges.ts';
import { bareLetter, behindLetter } from './letters.ts';
import { isSaidOfNumber } from './noun-phrases.ts';
import { announces, type Claim, findClaims } from './phrases.ts';
import { isPrefix } from './plain-statements.ts';
import { qualifierBefore, qualifierBehind } from './qualifiers.ts';
import { isPlan, isRefusal } from './refusals.ts';
import { cutSentence } from './sentences.ts';
import { lastEmphasis, lastNumber, lastSpans, mathSpans } from './spans.ts';
import { type IsMath, isResult, lastStatement, readClaim } from './statements.ts';
import { stands, withoutOthers } from './tails.ts';

/** Where an answer was found; part of what `--explain` shows. */
export interface Found {
  readonly answer: string;
  readonly how: 'boxed' | 'hashes' | 'tag' | 'whole' | 'phrase' | 'sentence' | 'math-span' | 'emphasis' | 'number';
  /** Another answer that the text announces: the two must agree. */
  readonly rival?: string;
  /** The other one is announced later, and this one was only reached on the way: then the other one counts. */
  readonly isOnTheWay?: boolean;
}

/** Why a text gives no answer. */
export interface NoAnswer {
  readonly how: 'none';
  readonly reason: 'no-answer' | 'cut-off-box' | 'retracted' | 'refused' | 'unclear';
}

/** Longest text that is read as an answer without a box or a phrase. */
const MAX_WHOLE = 300;
const HASHES = /(?:^|\n)\s*####[ \t]*(\S.*?)[ \t]*(?=\n|$)/g;
const TAG =
  /<(answer|final_answer|final|result|output|response)>([^<]{1,2000})<\/\1>|\[answer\]([^[\]]{1,2000})\[\/answer\]/gi;

/** The end of a proof. */
const PROVED = /(?:\\(?:blacksquare|square|Box|qed|checkmark)(?![a-z])[\s$]{0,4}|Q\.?E\.?D\.?)$/;

function withoutProved(text: string): string {
  const end = text.trim();
  const mark = PROVED.exec(end.slice(-24));
  return mark === null ? end : end.slice(0, -mark[0].length).replace(/\$$/, '').trimEnd();
}

/** An answer by a formal mark, and where it stands. */
interface Marked {
  readonly answer: string;
  readonly how: 'boxed' | 'hashes' | 'tag';
  readonly start: number;
  readonly end: number;
}

function lastHashes(text: string, isMath: IsMath): Marked | undefined {
  if (!text.includes('####')) return undefined;
  const at = text.lastIndexOf('####');
  const [match] = text.slice(Math.max(0, at - 2)).matchAll(HASHES);
  const answer = withoutEmphasis(match?.[1] ?? '').trim();
  // `#### Step 3` is a heading.
  if (!/\d|\\|\$/.test(answer) || !(isMath(answer) || /^[^\p{L}]*[\d$\\]/u.test(answer))) return undefined;
  return { answer, how: 'hashes', start: at, end: at + (match?.[0].length ?? 0) };
}

function lastTag(text: string): Marked | undefined {
  if (!text.includes('</') && !text.includes('[/')) return undefined;
  const offset = Math.max(0, text.length - 8_000);
  const match = [...text.slice(offset).matchAll(TAG)].at(-1);
  if (match === undefined) return undefined;
  const start = offset + match.index;
  return { answer: (match[2] ?? match[3] ?? '').trim(), how: 'tag', start, end: start + match[0].length };
}

/** `x \neq \boxed{7}`, `not \boxed{7}`. */
function isDenied(before: string): boolean {
  const plain = before.replace(/(?:\$|\\[([])\s*$/, '');
  return /(?:≠|!=|\\neq?)\s*$/.test(plain) || (/[a-z]\s*$/i.test(plain) && qualifierBefore(plain) === '\\ne');
}

function later(a: Marked | undefined, b: Marked | undefined): Marked | undefined {
  return a === undefined || (b !== undefined && b.end >= a.end) ? b : a;
}

const shortOnly =
  (isMath: IsMath): IsMath =>
  (part) =>
    part.length <= MAX_WHOLE && isMath(part) && !isSaidOfNumber(part);

/**
 * Candidates for the answer of a text, most trusted first, or the reason why it gives none. `text` is the final part of a response;
 * `isMath` says whether a text as a whole is mathematics. The first candidate that can be read decides.
 */
export function findAnswers(text: string, isMath: IsMath): Iterable<Found | NoAnswer> {
  if (!/\S/.test(text)) return [{ how: 'none', reason: 'no-answer' }];
  const { boxes, isLastVoid } = findBoxes(text);
  if (isLastVoid) return [{ how: 'none', reason: 'cut-off-box' }];
  const lastStart = boxes.at(-1)?.start;
  if (lastStart !== undefined && isDenied(text.slice(Math.max(0, lastStart - 40), lastStart)))
    return [{ how: 'none', reason: 'retracted' }];
  const joined = lastBoxes(text, boxes);
  const box: Marked | undefined = joined && { answer: joined.content, how: 'boxed', ...joined };
  const isShortMath = shortOnly(isMath);
  const marked = later(later(box, lastHashes(text, isShortMath)), lastTag(text));
  if (marked === undefined) return findUnmarked(withSigns(plainDigits(withoutProved(text))), isShortMath);
  if (marked.how === 'tag' && !isShortMath(marked.answer)) return inTag(marked.answer, isShortMath);
  const tail = text.slice(marked.end);
  if (/^[\s$)\]}*]*[?？؟]/.test(tail)) return [{ how: 'none', reason: 'unclear' }];
  if (!/[\p{L}\d]/u.test(tail)) return [{ answer: marked.answer, how: marked.how }];
  return afterMark(marked, text.slice(Math.max(0, marked.start - 80), marked.start), tail, isShortMath);
}

/** `<answer>The area is 5.</answer>`. */
function* inTag(content: string, isMath: IsMath): Generator<Found | NoAnswer> {
  yield { answer: content, how: 'tag' };
  yield* findUnmarked(plainDigits(content), isMath);
}

/** `7 fails the second equation`, `so it is 9, not 7`: whether a text denies a value by its name. */
function denies(text: string, value: string): boolean {
  const name = value.trim();
  if (name === '' || name.length > 40) return false;
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
    const [before, behind] = [text.slice(0, at), text.slice(at + name.length)];
    if (/[\w.,/^*+-]$/.test(before.replace(/[,.]\s+$/, ' ')) || /^(?:[\w/^*+]|[.,]\d)/.test(behind)) continue;
    if (
      (qualifierBehind(behind) === '\\ne' && OBJECTS.test(before)) ||
      DENIED_BEHIND.test(behind) ||
      /[\d)}\]$]\s*,?\s*(?:(?:and|but)\s+)?(?:\bnot|\binstead of|\brather than|而不是|ではなく|nicht|statt|pas|no|не)\s+\$?$/.test(
        before,
      )
    )
      return true;
  }
  return false;
}

const OBJECTS = /(?:^\s*|[.!?;,\n]\s*)(?:but|however|yet)\b[^.!?\n]{0,80}$/i;

const DENIED_BEHIND =
  /^[$)*\s]{0,3}\s*(?:(?:also|clearly|actually|then|therefore)\s+)?(?:fails?|violates?|contradicts?|does(?: not|n['’]t) (?:work|satisf|hold|fit|check|qualify|meet|solve|count)|(?:is|was)(?: not|n['’]t) (?:(?:an?|the) )?(?:valid|possible|allowed|correct|right|solution|answer|root|acceptable|admissible)|(?:is|was|would be) (?:wrong|incorrect|impossible|false|invalid|excluded|ruled out|rejected|too)|cannot|can['’]t|не(?:верен|верно)|ist (?:falsch|nicht)|est fau|不满足|不成立|不符合|不对|は(?:誤|間違)|ではなく)/iu;

/** What the text behind a marked answer makes of it: it may take it back, or announce another one. */
function* afterMark(marked: Marked, before: string, tail: string, isMath: IsMath): Generator<Found | NoAnswer> {
  const plain = withoutEmphasis(plainDigits(tail));
  const instead =
    afterDisowning(withoutOthers(plain, marked.answer)) ?? (denies(plain, marked.answer) ? plain : undefined);
  if (instead !== undefined) {
    const found = readInstead(instead, isMath);
    return yield found !== undefined && found.answer !== marked.answer ? found : { how: 'none', reason: 'retracted' };
  }
  const claim = findClaims(plain).findLast(({ isStrong }) => isStrong);
  const value = claim === undefined || claim.isDenied ? undefined : readClaim(claim.text, isMath).find(isMath);
  if (claim === undefined || value === undefined || /\\approx|≈|approx|about|roughly|nearly/i.test(claim.text)) {
    const letter = bareLetter(marked.answer);
    return yield stands(letter === undefined ? plain : behindLetter(plain, letter, letter), marked.answer)
      ? { answer: marked.answer, how: marked.how }
      : { how: 'none', reason: 'unclear' };
  }
  if (!stands(behindValue(plain, claim, [value]), value)) return yield { how: 'none', reason: 'unclear' };
  yield { answer: marked.answer, how: marked.how, rival: value, isOnTheWay: !announces(before) };
}

/** What is stated after something was taken back. */
function readInstead(text: string, isMath: IsMath): Found | undefined {
  const claim = findClaims(text).at(-1);
  const claimed = claim === undefined || claim.isDenied ? undefined : readClaim(claim.text, isMath).find(isMath);
  if (claimed !== undefined) return { answer: claimed, how: 'phrase' };
  const { values, isOpen } = lastStatement(text, isMath);
  const value = isOpen ? undefined : values.find(isMath);
  return value === undefined ? undefined : { answer: value, how: 'sentence' };
}

/** `A first try gives 2 + 3 = 5.` */
const isHeldComputation = (text: string): boolean => computedValue(text.replace(/[.。\s]+$/u, '')) === 'held';

function* findUnmarked(text: string, isMath: IsMath): Generator<Found | NoAnswer> {
  const plain = withoutEmphasis(text);
  const claims = findClaims(plain);
  const whole = lastRow(plain.trim());
  if (
    claims.length === 0 &&
    isMath(whole) &&
    !isPlan(whole) &&
    !isRefusal(whole) &&
    hedgeOf(whole)?.kind !== 'other' &&
    !isHeldComputation(whole)
  )
    return yield { answer: whole, how: 'whole' };
  const last = claims.at(-1);
  if (last !== undefined) return yield* findClaimed(plain, claims, isMath);
  const { sentence, values, isOpen } = lastStatement(text, isMath);
  if (isOpen) {
    return yield { how: 'none', reason: sentence !== undefined && isRefusal(sentence) ? 'refused' : 'no-answer' };
  }
  const readable = values.filter(isMath);
  for (const value of readable) yield { answer: value, how: 'sentence' };
  // What is stated decides: nothing else is looked for.
  if (readable.length > 0) return;
  const spans = mathSpans(text);
  if (spans.length > 0) yield { answer: lastSpans(text, spans) ?? '', how: 'math-span' };
  else {
    const emphasis = lastEmphasis(text);
    const number =
      lastNumber(emphasis ?? '') ?? (sentence === undefined || !isResult(sentence) ? undefined : lastNumber(sentence));
    if (number !== undefined) yield { answer: number, how: emphasis === undefined ? 'number' : 'emphasis' };
  }
  if (!/[?？؟]\s*$/.test(text) && !(/\d/.test(text) && SENTENCE.test(text) && !/\d:\d\d|o['’]clock/i.test(text)))
    yield { answer: text, how: 'whole' };
}

/** Three words in a row. */
const SENTENCE = /\p{L}{2}\s+\p{L}{2,}\s+\p{L}{2}/u;

const OF_A_PART = /\b(?:parts?|question|case)\s*\(?\w{1,3}\)?|\([a-e]\)|first|second/i;

/** Between two announcements of the same standing. */
const SAME_BREATH = /^[\s.,;:!。，；]*(?:(?:the|my|our|and(?: also)?(?: the)?)\s*)?$/i;

const LEADING = /^[$({\s]*[-−]?\d[\d.,/]*(?<![.,])[$)}]*(?=\s|\p{L})/u;

const withoutEnd = (value: string): string => value.replace(/[\s,，;；、]+$/, '');

/** Where a value first stands by itself, not as a part of another number; -1 for nowhere. */
function placeOf(text: string, written: string): number {
  const value = withoutEnd(written);
  for (let at = text.indexOf(value); at >= 0; at = text.indexOf(value, at + 1))
    if (
      !(/^\d/.test(value) && /\d[.,]?$/.test(text.slice(0, at))) &&
      !(/\d$/.test(value) && /^[.,]?\d/.test(text.slice(at + value.length)))
    )
      return at;
  return -1;
}

/** What follows the value of an announcement, in its sentence and after it. */
export function behindValue(text: string, { text: claimed, start, end }: Claim, values: readonly string[]): string {
  const from = text.indexOf(claimed, start);
  if (from < 0) return text.slice(end);
  for (const value of values) {
    const at = placeOf(claimed, value);
    if (at >= 0 && at < 60) return text.slice(from + at + withoutEnd(value).length);
  }
  return text.slice(end);
}

/** The last announcement that can be read; a denial ends what was announced before it. */
function* findClaimed(text: string, claims: readonly Claim[], isMath: IsMath): Generator<Found | NoAnswer> {
  const lastDenied = claims.findLastIndex(({ isDenied }) => isDenied);
  const standing = claims.slice(lastDenied + 1);
  let at = -1;
  let values: string[] = [];
  for (let k = standing.length - 1; k >= 0 && at < 0; k--) {
    values = readClaim(standing[k]?.text ?? '', isMath);
    if (values.some(isMath)) at = k;
    // `The answer 16 is incorrect; …`
    const judged = LEADING.exec(standing[k]?.text ?? '');
    const instead = judged === null ? undefined : afterJudgement(judged.input.slice(judged[0].length));
    if (instead !== undefined) return yield* findInstead(instead, isMath);
  }
  const claim = standing[at];
  if (claim === undefined) {
    const last = standing.at(-1);
    if (last === undefined) return yield* findInstead(text.slice(claims.at(-1)?.end ?? 0), isMath);
    const { text: sentence, mark } = cutSentence(last.text);
    for (const answer of readClaim(last.text, isMath)) yield { answer, how: 'phrase' };
    if (sentence !== '' && !/^[?？؟]/.test(mark) && !isRefusal(sentence)) yield { answer: sentence, how: 'phrase' };
    return;
  }
  const behind = behindValue(text, claim, values);
  const rest = text.slice(claim.end);
  const instead =
    afterDisowning(withoutOthers(behind, values[0] ?? '')) ??
    (values.some((value) => denies(rest, value)) ? rest : undefined);
  if (instead !== undefined) {
    const found = readInstead(instead, isMath);
    return yield found !== undefined && !values.includes(found.answer) ? found : { how: 'none', reason: 'retracted' };
  }
  const value = values.find(isMath);
  const place = value === undefined ? -1 : placeOf(claim.text, value);
  if (
    value !== undefined &&
    (!stands(behind, value) ||
      isSubject(text, claim, value, behind) ||
      (place > 0 && !isPrefix(claim.text.slice(0, place))))
  )
    return yield { how: 'none', reason: 'unclear' };
  const before = standing[at - 1];
  const isRival =
    before !== undefined &&
    before.end <= claim.start &&
    !claim.isFinal &&
    !OF_A_PART.test(text.slice(before.start, before.start + 40)) &&
    SAME_BREATH.test(text.slice(before.end, claim.start));
  const rival = isRival ? readClaim(before.text, isMath).find(isMath) : undefined;
  for (const answer of values) yield { answer, how: 'phrase', ...(rival !== undefined && { rival }) };
}

/** `Answer 57 drops out`: without a verb or a sign between phrase and value, the value may be the subject of what follows. */
function isSubject(text: string, { start }: Claim, value: string, behind: string): boolean {
  const at = text.indexOf(value, start);
  const word = /^[$)\s]*(\p{L}{2,})/u.exec(behind)?.[1];
  return (
    word !== undefined &&
    !isUnitWord(word) &&
    /^[\p{Script=Latin}\p{Script=Cyrillic}]+\s+[$\\(]*$/u.test(text.slice(start, at))
  );
}

/** After a denial only what is stated behind it counts. */
function* findInstead(behind: string, isMath: IsMath): Generator<Found | NoAnswer> {
  yield readInstead(behind, isMath) ?? { how: 'none', reason: 'no-answer' };
}
