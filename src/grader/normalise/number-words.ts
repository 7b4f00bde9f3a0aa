/** English numerals up to a thousand million, as texts write small counts, and fractions in words. */
const SMALL =
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split(
    ' ',
  );
const TENS = 'twenty thirty forty fifty sixty seventy eighty ninety'.split(' ');
const SCALES: Readonly<Record<string, number>> = { hundred: 100, thousand: 1000, million: 1_000_000, dozen: 12 };
const PARTS: Readonly<Record<string, number>> = {
  half: 2,
  halves: 2,
  third: 3,
  quarter: 4,
  fourth: 4,
  fifth: 5,
  sixth: 6,
  seventh: 7,
  eighth: 8,
  ninth: 9,
  tenth: 10,
};

function wordsOf(text: string): string[] {
  return text
    .toLowerCase()
    .trim()
    .split(/[\s-]+/)
    .filter((word) => word !== 'and');
}

/** `twenty-three` → 23; undefined for anything else. */
export function readNumberWords(text: string): number | undefined {
  const words = wordsOf(text);
  if (words.length === 0 || words.length > 8) return undefined;
  let total = 0;
  let part = 0;
  for (const word of words) {
    const scale = SCALES[word];
    if (scale !== undefined) {
      part = Math.max(part, 1) * scale;
      if (scale >= 1000) {
        total += part;
        part = 0;
      }
    } else if (SMALL.includes(word)) part += SMALL.indexOf(word);
    else if (TENS.includes(word)) part += 20 + 10 * TENS.indexOf(word);
    else return undefined;
  }
  return total + part;
}

/** `two-thirds` → [2, 3], `a half` → [1, 2]; undefined for anything else, ordinals (`third`) among it. */
export function readFractionWords(text: string): readonly [number, number] | undefined {
  const words = wordsOf(text);
  const last = words.at(-1);
  if (last === undefined || words.length > 4) return undefined;
  const below = PARTS[last] ?? PARTS[last.replace(/s$/, '')];
  if (below === undefined || (words.length === 1 && last !== 'half')) return undefined;
  const above = words.slice(0, -1).join(' ');
  const count = above === '' || above === 'a' ? 1 : readNumberWords(above);
  return count === undefined ? undefined : [count, below];
}
