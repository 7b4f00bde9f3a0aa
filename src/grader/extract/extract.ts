import { plainDigits } from '../normalise/characters.ts';
import { boxedAnswer } from './boxed.ts';
import { afterAnswerPhrase } from './phrases.ts';
import { firstSentence, lastSentence, statedIn, withoutNegated } from './sentences.ts';
import { lastEmphasis, lastNumber, lastSpans, mathSpans } from './spans.ts';

/** Where an answer was found; part of what `--explain` shows. */
export interface Found {
  readonly answer: string;
  readonly how: 'boxed' | 'hashes' | 'tag' | 'whole' | 'phrase' | 'sentence' | 'math-span' | 'emphasis' | 'number';
}

/** Longest text that is read as an answer without a box or a phrase. */
const MAX_WHOLE = 300;
const HASHES = /(?:^|\n)\s*####\s*(.+?)\s*(?:\n|$)/;
const TAG = /<answer>([^<]{1,2000})<\/answer>\s*$/i;

/**
 * Candidates for the answer of a response, most trusted first. The first one that can be read decides; `isMath` says
 * whether a text as a whole is mathematics.
 */
export function* findAnswers(response: string, isMath: (text: string) => boolean): Generator<Found> {
  const boxed = boxedAnswer(response);
  if (boxed !== undefined) {
    yield { answer: boxed, how: 'boxed' };
    return;
  }
  const hashesAt = response.lastIndexOf('####');
  const hashes = hashesAt < 0 ? undefined : HASHES.exec(response.slice(Math.max(0, hashesAt - 2)))?.[1];
  if (hashes !== undefined && /\d|\\|\$/.test(hashes)) {
    yield { answer: hashes, how: 'hashes' };
    return;
  }
  const tagged = response.includes('</answer>') ? TAG.exec(response.slice(-2100))?.[1] : undefined;
  const text = plainDigits((tagged ?? response).trim());
  const isShortMath = (part: string) => part.length <= MAX_WHOLE && isMath(part);
  const after = afterAnswerPhrase(text);
  if (after === undefined && isShortMath(text)) {
    yield { answer: text, how: tagged === undefined ? 'whole' : 'tag' };
    return;
  }
  if (after !== undefined) {
    const sentence = firstSentence(after);
    const answer = statedIn(sentence, isShortMath);
    yield { answer, how: 'phrase' };
    if (isMath(answer)) return;
    const number = lastNumber(sentence);
    if (number !== undefined) yield { answer: number, how: 'phrase' };
    else if (isShortMath(text)) yield { answer: text, how: 'whole' };
    return;
  }
  const sentence = lastSentence(text);
  const stated = sentence === undefined ? undefined : statedIn(sentence, isShortMath);
  if (stated !== undefined && isShortMath(stated)) yield { answer: stated, how: 'sentence' };
  const spans = mathSpans(text);
  if (spans.length > 0) yield { answer: lastSpans(text, spans) ?? '', how: 'math-span' };
  else {
    const emphasis = lastEmphasis(text);
    const number = lastNumber(emphasis ?? '') ?? lastNumber(withoutNegated(text.slice(-4000)));
    if (number !== undefined) yield { answer: number, how: emphasis === undefined ? 'number' : 'emphasis' };
  }
  yield { answer: text, how: 'whole' };
}
