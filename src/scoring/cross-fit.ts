/** The oracle of noisy arms: the arm is chosen on one half of the samples and scored on the other. */
import type { Trials } from '../methods/posterior.ts';
import { logChoose } from './combinatorics.ts';

/**
 * What a decision by half of a problem's samples earns on the other half: the mean over all ways to halve the samples
 * of both arms, with either half as the judge. Where the judging halves are equal, each arm counts one half. The
 * maximum of two means would favour the luckier arm: two arms of equal accuracy .5 reach .64 by it at 4 samples.
 *
 * @returns a value in [0, 1], unbiased for such a decision; undefined if an arm has fewer than two verdicts
 * @example crossFittedOracle({ right: 4, n: 4 }, { right: 0, n: 4 }); // 1
 */
export function crossFittedOracle(cot: Trials, code: Trials): number | undefined {
  if (cot.n < 2 || code.n < 2) return undefined;
  const ways = new Set([Math.floor, Math.ceil]);
  let sum = 0;
  for (const round of ways) sum += chosenOnPart(cot, round(cot.n / 2), code, round(code.n / 2));
  return sum / ways.size;
}

/** The mean over all choices of `cotJudges` and `codeJudges` samples that choose the arm, scored on the others. */
function chosenOnPart(cot: Trials, cotJudges: number, code: Trials, codeJudges: number): number {
  let sum = 0;
  for (const [cotRight, cotWeight] of rightAmong(cot, cotJudges))
    for (const [codeRight, codeWeight] of rightAmong(code, codeJudges)) {
      const [cotScore, codeScore] = [
        (cot.right - cotRight) / (cot.n - cotJudges),
        (code.right - codeRight) / (code.n - codeJudges),
      ];
      const lead = codeRight * cotJudges - cotRight * codeJudges;
      const score = lead > 0 ? codeScore : lead < 0 ? cotScore : (cotScore + codeScore) / 2;
      sum += cotWeight * codeWeight * score;
    }
  return sum;
}

/** How many of `drawn` samples are right, with the probability of each number (hypergeometric). */
function rightAmong({ right, n }: Trials, drawn: number): [number, number][] {
  const found: [number, number][] = [];
  for (let i = Math.max(0, drawn - (n - right)); i <= Math.min(right, drawn); i += 1)
    found.push([i, Math.exp(logChoose(right, i) + logChoose(n - right, drawn - i) - logChoose(n, drawn))]);
  return found;
}
