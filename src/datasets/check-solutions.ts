/** Checks golds against published solutions: a gold that rejects its own solution would reject every right rollout. */
import { graderFor } from '../grader/grader-for.ts';
import type { Problem } from '../rollout/types.ts';
import { ProblemFileError } from './problem-file.ts';

/** A few published solutions are wrong; misread golds would be wrong in most rows. */
const RIGHT_SHARE = 0.98;
const SHOWN = 3;

/**
 * Grades published solutions with a marked answer against the golds that were read.
 *
 * @param solutions by problem id
 * @throws ProblemFileError with the first wrong rows if fewer than 98 % are right
 */
export function checkSolutions(
  from: string,
  problems: readonly Problem[],
  solutions: ReadonlyMap<string, string>,
): void {
  const solved = problems.flatMap((problem) => {
    const solution = solutions.get(problem.id);
    return solution === undefined ? [] : [{ problem, solution }];
  });
  const wrong = solved.filter(({ problem, solution }) => !isRight(problem.answer, solution));
  if (wrong.length <= Math.floor(solved.length * (1 - RIGHT_SHARE))) return;
  const rows = wrong
    .slice(0, SHOWN)
    .map(
      ({ problem: { id, answer }, solution }) =>
        `  ${id}: gold ${quote(answer)}, solution ends ${quote(solution.slice(-80))}`,
    );
  if (wrong.length > rows.length) rows.push(`  and ${wrong.length - rows.length} more`);
  throw new ProblemFileError(
    `${from}: ${wrong.length} of ${solved.length} golds do not grade their own published solution right ` +
      `(at most ${((1 - RIGHT_SHARE) * 100).toFixed(0)} % may not); say with "answer" and "gold" where the gold stands:\n${rows.join('\n')}`,
  );
}

const quote = (text: string): string => JSON.stringify(text.slice(0, 80));

function isRight(gold: string, solution: string): boolean {
  return graderFor(gold)(solution).verdict === 'correct';
}
