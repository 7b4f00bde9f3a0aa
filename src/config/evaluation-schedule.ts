/** When a campaign measures a suite. */

/** @example isDue({ every: 4 }, { iteration: 6, isLast: false }) // false */
export const isDue = (
  { every = 1 }: { readonly every?: number | undefined },
  { iteration, isLast }: { readonly iteration: number; readonly isLast: boolean },
): boolean => isLast || iteration % every === 0;

/** Times that a suite is measured in a campaign of so many iterations, its start included. */
export const timesMeasured = ({ every = 1 }: { readonly every?: number | undefined }, iterations: number): number =>
  1 + Math.ceil(iterations / every);
