/** Draws from a part of the vocabulary, on logits that have left the graph: an option for people, not the fast path. */
import type { Truncation } from '../types.ts';

/** Candidates are looked for this far below the top logit at first: few tokens, most of the mass. */
const FIRST_DEPTH = 4;

/**
 * The token at `uniform` (in [0, 1)) of the distribution that `truncation` leaves of the softmax of `logits`: first
 * top-k, then top-p of what is left, then min-p. A pure function; ties are ordered by id.
 */
export function drawTruncated(logits: Float32Array, uniform: number, truncation: Truncation): number {
  const kept = keptTokens(logits, truncation);
  const top = logits[kept[0] ?? 0] ?? 0;
  const massOf = (id: number): number => Math.exp((logits[id] ?? 0) - top);
  let rest = uniform * kept.reduce((sum, id) => sum + massOf(id), 0);
  for (const id of kept) {
    rest -= massOf(id);
    if (rest < 0) return id;
  }
  return kept[0] ?? 0;
}

/** Ids by falling logit. */
export function keptTokens(logits: Float32Array, { topK, topP, minP }: Truncation): number[] {
  let top = Number.NEGATIVE_INFINITY;
  for (const logit of logits) if (logit > top) top = logit;
  const massOf = (id: number): number => Math.exp((logits[id] ?? 0) - top);
  const lowest = minP === undefined || minP === 0 ? Number.NEGATIVE_INFINITY : Math.log(minP);
  const isLongEnough = (ids: readonly number[]): boolean => ids.length >= (topK ?? Number.POSITIVE_INFINITY);
  let whole: number | undefined;

  for (let depth = FIRST_DEPTH; ; depth *= 2) {
    const ids: number[] = [];
    for (let id = 0; id < logits.length; id++) if ((logits[id] ?? 0) - top >= -depth) ids.push(id);
    const isAll = ids.length === logits.length || depth > 1e6;
    ids.sort((a, b) => (logits[b] ?? 0) - (logits[a] ?? 0) || a - b);
    const reachesLowest = -depth <= lowest;
    if (topK !== undefined && !isLongEnough(ids) && !isAll) continue;
    if (topK !== undefined) ids.length = Math.min(ids.length, topK);
    if (topP !== undefined && topP < 1) {
      whole ??= wholeMass(logits, top);
      const total = topK === undefined ? whole : ids.reduce((sum, id) => sum + massOf(id), 0);
      let mass = 0;
      const cut = ids.findIndex((id) => {
        mass += massOf(id);
        return mass >= topP * total;
      });
      if (cut === -1 && topK === undefined && !isAll && !reachesLowest) continue;
      if (cut !== -1) ids.length = cut + 1;
    } else if (topK === undefined && !reachesLowest && !isAll) continue;
    return ids.filter((id, place) => place === 0 || (logits[id] ?? 0) - top >= lowest);
  }
}

function wholeMass(logits: Float32Array, top: number): number {
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - top);
  return sum;
}
