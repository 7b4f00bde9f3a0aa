/** Which solved problems of a file stand in a few-shot prompt. */
import type { SolvedExample } from '../rollout/template.ts';

/**
 * `first`: in the order of the file. `longest`: the ones with the most steps (Complex-CoT, arXiv 2210.00720). `spread`:
 * unlike one another, as one of each cluster would be (Auto-CoT, arXiv 2210.03493).
 */
export const EXEMPLAR_CHOICES = ['first', 'longest', 'spread'] as const;
export type ExemplarChoice = (typeof EXEMPLAR_CHOICES)[number];

/** @example chooseExemplars(solved, 'longest', 4) */
export function chooseExemplars(
  solved: readonly SolvedExample[],
  choice: ExemplarChoice,
  count: number,
): SolvedExample[] {
  switch (choice) {
    case 'first':
      return solved.slice(0, count);
    case 'longest':
      return [...solved].sort((a, b) => stepsOf(b) - stepsOf(a)).slice(0, count);
    case 'spread':
      return spread(solved, count);
  }
}

/** Lines of the solution; a solution of one line has its sentences as steps. */
function stepsOf({ solution }: SolvedExample): number {
  const parts = (text: string, mark: RegExp): number => text.split(mark).filter((part) => part.trim() !== '').length;
  const lines = parts(solution, /\n/);
  return lines > 1 ? lines : parts(solution, /(?<=[.;!?])\s/);
}

/** The first, then again and again the one whose problem is the least like those that are taken: greedy k-centre. */
function spread(solved: readonly SolvedExample[], count: number): SolvedExample[] {
  const vectors = solved.map(({ problem }) => wordCounts(problem));
  const chosen: number[] = solved.length === 0 ? [] : [0];
  const nearest = vectors.map((vector) => similarity(vector, vectors[0]));
  while (chosen.length < Math.min(count, solved.length)) {
    const next = indexOfLeast(nearest, new Set(chosen));
    chosen.push(next);
    for (const [at, vector] of vectors.entries())
      nearest[at] = Math.max(nearest[at] ?? 0, similarity(vector, vectors[next]));
  }
  return chosen.slice(0, count).flatMap((at) => solved[at] ?? []);
}

function indexOfLeast(values: readonly number[], taken: ReadonlySet<number>): number {
  let [found, least] = [0, Number.POSITIVE_INFINITY];
  for (const [at, value] of values.entries()) if (!taken.has(at) && value < least) [found, least] = [at, value];
  return found;
}

/** Numbers are one word: problems that differ in their numbers alone are alike. */
function wordCounts(text: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const word of text
    .toLowerCase()
    .replace(/\d[\d.,]*/g, '#')
    .match(/[\p{L}#]+/gu) ?? [])
    counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}

/** Cosine of the angle between two vectors of counts. */
function similarity(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number> = new Map()): number {
  const norm = (vector: ReadonlyMap<string, number>): number =>
    Math.sqrt([...vector.values()].reduce((sum, value) => sum + value * value, 0));
  const dot = [...a].reduce((sum, [word, value]) => sum + value * (b.get(word) ?? 0), 0);
  return dot === 0 ? 0 : dot / (norm(a) * norm(b));
}
