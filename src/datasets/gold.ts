/** Extracts the gold from a published answer: the answer itself, without the solution around it. */
import type { GOLD_FORMS } from '../config/campaign.ts';
import { boxedAnswer } from '../grader/extract/boxed.ts';

/** The format of the answer column. `auto` recognises the marks of the other formats, row by row. */
export type GoldForm = (typeof GOLD_FORMS)[number];

/** The gold. If it was extracted from a longer text, also that text: the solution with its marked answer. */
export type ReadGold = { readonly gold: string; readonly solution?: string } | { readonly reason: string };

const HASHES = '####';
const ANSWER_TAG = /<answer>([\s\S]*?)<\/answer>/gi;

/**
 * @param value the answer column: a text, a number, or a list of them (several values of one answer)
 * @returns the gold, or the reason why there is none
 * @example readGold('4*3 = 12 items.\n#### 12', 'auto') // { gold: '12', solution: '4*3 = …' }
 */
export function readGold(value: unknown, form: GoldForm): ReadGold {
  if ([value].flat(Number.POSITIVE_INFINITY).some(isInexact))
    return { reason: `is a number of more digits than are read exactly (${value}); write it as text, in quotes` };
  const text = textOf(value);
  if (text === undefined) return { reason: 'is neither text nor a number' };
  if (text === '') return { reason: 'is empty' };
  const gold = takeGold(text, form);
  if (gold === undefined) return { reason: `has no answer in the form "${form}": ${JSON.stringify(text.slice(-60))}` };
  if (gold === '') return { reason: 'has a mark of an answer and no answer behind it' };
  return gold === text ? { gold } : { gold, solution: text };
}

function takeGold(text: string, form: GoldForm): string | undefined {
  switch (form) {
    case 'as-is':
      return text;
    case 'after-hashes':
      return afterHashes(text);
    case 'boxed':
      return boxedAnswer(text)?.trim();
    case 'auto':
      return afterHashes(text) ?? lastTagged(text) ?? soleBox(text) ?? itemOfList(text) ?? text;
  }
}

/** GSM8K: what follows the last `####`, on its line. */
function afterHashes(text: string): string | undefined {
  const at = text.lastIndexOf(HASHES);
  if (at === -1) return undefined;
  const [line = ''] = text
    .slice(at + HASHES.length)
    .trim()
    .split('\n');
  return line.trim();
}

function lastTagged(text: string): string | undefined {
  return [...text.matchAll(ANSWER_TAG)].at(-1)?.[1]?.trim();
}

/** The answer of a solution that boxes it. */
const soleBox = (text: string): string | undefined => boxedAnswer(text)?.trim();

/** A list that was written as text, e.g. `["5"]` in CSV. */
function itemOfList(text: string): string | undefined {
  if (!/^\[\s*"(?:[^"\\]|\\.)*"(?:\s*,\s*"(?:[^"\\]|\\.)*")*\s*\]$/.test(text)) return undefined;
  try {
    return textOf(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** A whole number that JSON's readers round. */
const isInexact = (value: unknown): boolean => Number.isInteger(value) && !Number.isSafeInteger(value);

/** Trimmed text of a text, a finite number, or a list of them; undefined for anything else. */
function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value.trim();
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  if (!Array.isArray(value) || value.length === 0) return undefined;
  const items = value.map(textOf);
  return items.some((item) => item === undefined) ? undefined : items.join(', ');
}
