import { letter } from '../expression/cursor.ts';
import { readForeignNumber } from '../normalise/foreign-numbers.ts';
import { leadingWordedNumber, readFractionWords, readNumberWords } from '../normalise/number-words.ts';
import type { Answer } from '../structure/structure.ts';
import { facts } from './facts.ts';
import { integer } from './measures.ts';
import { plainText } from './text.ts';

/** `negative thirty-five`. */
const SIGN_WORD = /^\s*(?:minus|negative|moins|menos|meno|минус)\s+/i;

/** Words that mean mathematics: `two thirds`, `no solution`, `all real numbers`, `infinitely many`; anything else as it is. */
export function inSymbols(answer: Answer): Answer {
  if (answer.kind !== 'text' || answer.text.length > 80) return answer;
  const words = answer.text.replace(/[^a-zA-Z\s-]/g, '');
  const stated = /^there (?:are|is) (?:exactly )?(\d{1,9}|[a-z]+(?:-[a-z]+)?) [a-z ]{3,40}\.?$/i.exec(answer.text)?.[1];
  const noun = /^there (?:are|is) (?:exactly )?([a-z -]{3,60})\.?$/i.exec(answer.text)?.[1];
  const counted = noun === undefined ? undefined : leadingWordedNumber(noun);
  if (counted !== undefined) return { kind: 'scalar', expression: integer(BigInt(counted)) };
  if (stated !== undefined && /^\d/.test(stated)) return { kind: 'scalar', expression: integer(BigInt(stated)) };
  const count = readNumberWords((stated ?? words).replace(SIGN_WORD, ''));
  if (count !== undefined) {
    const expression = integer(BigInt(count));
    return { kind: 'scalar', expression: SIGN_WORD.test(words) ? { kind: 'negate', of: expression } : expression };
  }
  const foreign = readForeignNumber(answer.text.replace(SIGN_WORD, '').replace(/[.。!]\s*$/u, ''));
  if (foreign !== undefined) {
    const expression = integer(BigInt(foreign));
    return {
      kind: 'scalar',
      expression: SIGN_WORD.test(answer.text) ? { kind: 'negate', of: expression } : expression,
    };
  }
  const fraction = readFractionWords(words);
  if (fraction !== undefined) {
    const [numerator, denominator] = fraction.map((part) => integer(BigInt(part)));
    if (numerator && denominator) return { kind: 'scalar', expression: { kind: 'divide', numerator, denominator } };
  }
  switch (plainText(answer.text)) {
    case 'none':
      return { kind: 'named-set', name: 'empty' };
    case 'reals':
      return { kind: 'named-set', name: 'R' };
    case 'integers':
      return { kind: 'named-set', name: 'Z' };
    case 'infinity':
      return { kind: 'scalar', expression: { kind: 'constant', name: 'infinity' } };
    default:
      return answer;
  }
}

/** `as` where the gold is `a s`: a run of a few letters as their product; undefined for anything else. */
export function asProduct(answer: Answer, like: Answer): Answer | undefined {
  if (answer.kind !== 'text' || like.kind !== 'scalar' || !/^[a-zA-Z]{2,4}$/.test(answer.text)) return undefined;
  const letters = Array.from(answer.text, letter);
  const { symbols } = facts(like.expression);
  const isKnown = letters.every((part) => part.kind !== 'symbol' || symbols.has(part.name));
  return isKnown && symbols.size > 0
    ? { kind: 'scalar', expression: { kind: 'multiply', factors: letters } }
    : undefined;
}
