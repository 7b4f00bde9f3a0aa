import { inSymbols } from './compare/words.ts';
import type { Answer } from './structure/structure.ts';

/** Whether an answer is mathematics rather than words. */

/** `ax + by = c`: the words are products of letters. */
function isFormula(text: string): boolean {
  if (!/[=+^*/<>≤≥]/.test(text)) return false;
  const letters = text.replace(/\\[A-Za-z]+|(?<![A-Za-z])(?:sin|cos|tan|log|exp|lim|max|min|gcd|lcm)(?![A-Za-z])/g, '');
  return (
    !/[A-Za-z]{3}|[^\0-\u024f]|\$/.test(letters) &&
    !/(?<![A-Za-z])(?:is|it|we|so|if|to|of|in|he|me|my|do|go|no|up|us|on)(?![A-Za-z])/i.test(letters)
  );
}

/** Words that mean mathematics: `two thirds`, `no solution`. */
function isWorded(reading: Answer): boolean {
  return reading.kind === 'text' && inSymbols(reading).kind !== 'text';
}

/** Not words, nor a list with words in it. */
function isSymbolic(reading: Answer): boolean {
  return reading.kind === 'list' ? !reading.items.some((item) => item.kind === 'text') : reading.kind !== 'text';
}

/** Whether one of the readings is mathematics; a text that looks like a sentence must be short, and a formula or a worded value. */
export function areMathematics(text: string, readings: readonly Answer[], isProse: boolean): boolean {
  if (!isProse) return readings.some((reading) => isSymbolic(reading) || isWorded(reading));
  return text.length <= 80 && readings.some((reading) => isWorded(reading) || (isSymbolic(reading) && isFormula(text)));
}
