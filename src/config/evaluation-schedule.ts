/** When a campaign measures a suite. */

/**
 * @param at - `isEnd`: it is the campaign's start, which for a fork is no multiple, or the last iteration that is planned
 * @example isDue({ every: 4 }, { iteration: 6, isEnd: false }) // false
 */
export const isDue = (
  { every = 1 }: { readonly every?: number | undefined },
  { iteration, isEnd }: { readonly iteration: number; readonly isEnd: boolean },
): boolean => isEnd || iteration % every === 0;

/** Times that a suite is measured in a campaign of so many iterations, its start included. */
export const timesMeasured = ({ every = 1 }: { readonly every?: number | undefined }, iterations: number): number =>
  1 + Math.ceil(iterations / every);
