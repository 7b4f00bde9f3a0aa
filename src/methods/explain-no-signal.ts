import type { ScoredSummary } from './scored-rollout.ts';

const SHOWN = 3;

/**
 * Explains in one sentence why no problem carries a signal: all rollouts are right, none is, or none has a verdict.
 *
 * @param golds by problem id
 * @returns undefined if the rollouts differ, so that the curation left all of them out
 */
export function explainNoSignal(
  summaries: readonly ScoredSummary[],
  golds: ReadonlyMap<string, string>,
): string | undefined {
  const graded = summaries.filter(({ grade }) => grade === 'correct' || grade === 'incorrect');
  if (graded.length === 0) return `none of ${summaries.length} rollouts has a verdict`;
  const right = graded.filter(({ grade }) => grade === 'correct').length;
  if (right === graded.length)
    return `all ${right} graded answers are right, so there is nothing left to learn from them`;
  if (right > 0) return undefined;
  const examples = graded
    .filter(({ problemId }, at) => graded.findIndex((other) => other.problemId === problemId) === at)
    .slice(0, SHOWN)
    .map(({ problemId, answer }) => `${problemId}: gold ${quote(golds.get(problemId))}, answer ${quote(answer)}`);
  return (
    `none of ${graded.length} graded answers is right; golds or a prompt that are read otherwise than they are meant ` +
    `cause this more often than the model does: ${examples.join('; ')}`
  );
}

const quote = (text: string | undefined): string => (text === undefined ? 'none' : JSON.stringify(text.slice(0, 80)));
