/** Logarithms of binomial coefficients, which don't overflow. */

const LOG_FACTORIALS: number[] = [0];

/** log n! of a whole number. */
function logFactorial(n: number): number {
  for (let i = LOG_FACTORIALS.length; i <= n; i += 1) LOG_FACTORIALS.push((LOG_FACTORIALS[i - 1] ?? 0) + Math.log(i));
  return LOG_FACTORIALS[n] ?? 0;
}

/** log C(n, k), for 0 ≤ k ≤ n. */
export const logChoose = (n: number, k: number): number => logFactorial(n) - logFactorial(k) - logFactorial(n - k);
