/** A difference of two figures, in points of 100. */
import type { Difference } from '../scoring/paired.ts';

/** `+4.2` of 100 */
export const points = (share: number): string => `${share < 0 ? '−' : '+'}${Math.abs(share * 100).toFixed(1)}`;

/** Whether zero is outside of its interval. */
export const isSure = (difference: Difference | undefined): boolean =>
  difference !== undefined && (difference.low > 0 || difference.high < 0);

export function DifferenceText({ difference }: { readonly difference: Difference | undefined }) {
  if (difference === undefined) return <span class="none">–</span>;
  return (
    <span class="measure">
      {points(difference.value)}
      <small>{`${points(difference.low)} to ${points(difference.high)}`}</small>
    </span>
  );
}
