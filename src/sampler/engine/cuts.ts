/**
 * How steps are padded and cut, so that a row's bits depend on its own length only.
 *
 * A prompt is cut into whole chunks of 128 tokens and one step padded to one of a few sizes; so are appended tokens.
 */

/**
 * Padded lengths are multiples of this. It is a multiple of every vector width, so that the zeros of masked places
 * enter sums at their end or as whole vectors, and no sum is grouped otherwise because a neighbour is longer. Heads of
 * more than 128 numbers are summed in pieces, whose size depends on whether there are as many places.
 */
export function placesMultiple(headDim: number): number {
  return headDim <= 128 ? 32 : roundUp(headDim, 32);
}

const CHUNK_TOKENS = 128;
const TAIL_BUCKETS = [8, 16, 24, 32, 48, 64, 96, 128];
/** Bounds a prefill step's time, and so how long a cancelled call is still computed. */
export const MAX_PREFILL_TOKENS = 512;

/** Tokens of each prefill step for a prompt of this length. */
export function cutOf(length: number): number[] {
  const whole = Math.floor(length / CHUNK_TOKENS);
  const rest = length - whole * CHUNK_TOKENS;
  const tail = rest === 0 ? [] : [TAIL_BUCKETS.find((bucket) => bucket >= rest) ?? CHUNK_TOKENS];
  return [...new Array<number>(whole).fill(CHUNK_TOKENS), ...tail];
}

export function roundUp(value: number, multiple: number): number {
  return Math.ceil(value / multiple) * multiple;
}
