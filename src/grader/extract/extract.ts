import { boxedAnswer } from './boxed.ts';
import { afterAnswerPhrase, firstSentence } from './phrases.ts';
import { lastEmphasis, lastNumber, lastSpans, mathSpans } from './spans.ts';

/** Where an answer was found; part of what `--explain` shows. */
export interface Found {
  readonly answer: string;
  readonly how: 'boxed' | 'hashes' | 'whole' | 'phrase' | 'math-span' | 'emphasis' | 'number';
}

/** Longest text that is read as an answer without a box or a phrase. */
const MAX_WHOLE = 300;

function readsAsMath(text: string, isMath: (text: string) => boolean): boolean {
  return text.length <= MAX_WHOLE && isMath(text);
}

/** A sentence after an answer phrase: its mathematics, its emphasis or its number; else the sentence. */
function fromSentence(sentence: string, isMath: (text: string) => boolean): string {
  if (readsAsMath(sentence, isMath)) return sentence;
  const spans = mathSpans(sentence);
  if (spans.length > 0) return lastSpans(sentence, spans) ?? sentence;
  const emphasis = lastEmphasis(sentence);
  if (emphasis !== undefined) return emphasis;
  return sentence;
}

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
  const hashes = /(?:^|\n)\s*####\s*(.+?)\s*(?:\n|$)/.exec(response.slice(response.lastIndexOf('####') - 2));
  if (response.includes('####') && hashes?.[1] !== undefined) {
    yield { answer: hashes[1], how: 'hashes' };
    return;
  }
  const text = response.trim();
  if (readsAsMath(text, isMath)) {
    yield { answer: text, how: 'whole' };
    return;
  }
  const after = afterAnswerPhrase(text);
  if (after !== undefined) {
    const sentence = firstSentence(after);
    const answer = fromSentence(sentence, isMath);
    yield { answer, how: 'phrase' };
    const number = isMath(answer) ? undefined : lastNumber(answer);
    if (number !== undefined) yield { answer: number, how: 'phrase' };
    return;
  }
  const spans = mathSpans(text);
  if (spans.length > 0) yield { answer: lastSpans(text, spans) ?? '', how: 'math-span' };
  else {
    const emphasis = lastEmphasis(text);
    const number = lastNumber(emphasis ?? text) ?? lastNumber(text);
    if (number !== undefined) yield { answer: number, how: emphasis === undefined ? 'number' : 'emphasis' };
  }
  yield { answer: text, how: 'whole' };
}
