/** Which rollouts have the same solution, for methods that learn each solution once. */
import type { RolloutTexts } from '../rollout/file.ts';
import type { ScoredSummary } from './scored-rollout.ts';

/**
 * The summaries with what the model wrote, white space aside; tool output is no part of a solution.
 *
 * @param texts of every rollout among the summaries
 */
export function withSolutions(summaries: readonly ScoredSummary[], texts: readonly RolloutTexts[]): ScoredSummary[] {
  const solutionOf = new Map(
    texts.map(({ id, segments }) => {
      const written = segments.filter(({ by }) => by === 'model').map(({ text }) => text);
      return [id, written.join('\n').replace(/\s+/g, ' ').trim()];
    }),
  );
  return summaries.map((summary) => {
    const solution = solutionOf.get(summary.id);
    return solution === undefined ? summary : { ...summary, solution };
  });
}
