/** The first scorer: the grader's rules. Pure, without a model and without a sandbox. */
import { GRADER_FINGERPRINT } from '../grader/fingerprint.ts';
import { graderFor } from '../grader/grader-for.ts';
import type { Conventions, GradeOptions } from '../grader/options.ts';
import type { GradeResult } from '../grader/types.ts';
import type { Problem } from '../rollout/types.ts';
import { type Attempt, GRADER_FAILED, lossOf, type Score, type Scorer } from './scorer.ts';

type GradeResponse = (response: string) => GradeResult | Promise<GradeResult>;

export interface Grading {
  /** Version and conventions: part of the step key. */
  readonly fingerprint: string;
  /** Returns a grader for one problem, which parses the gold once. */
  readonly graderOf: (problem: Problem, conventions?: Partial<Conventions>) => GradeResponse;
}

/** The grader, with the conventions of the plan that it grades for. */
export const createGrading = (): Grading => ({
  fingerprint: GRADER_FINGERPRINT,
  graderOf: ({ answer }, conventions) => graderFor(answer, conventions),
});

// Grading shares a thread with the API and the workflows, so it yields at this interval.
const YIELD_EVERY_MS = 50;

/** If the grader throws, the rollout is undecided and counts as a failure of the grader. */
export const rulesScorer = (grading: Grading): Scorer => ({
  name: 'grader',
  fingerprint: { grader: grading.fingerprint },
  wants: (score) => score === undefined,
  async score(attempts, { report }) {
    const graders = new Map<string, GradeResponse>();
    const scores = new Map<string, Score>();
    let yielded = Date.now();
    for (const [at, attempt] of attempts.entries()) {
      scores.set(attempt.id, await gradeOne(grading, graders, attempt));
      if (Date.now() - yielded < YIELD_EVERY_MS) continue;
      report({ done: at, total: attempts.length, unit: 'grades' });
      await new Promise(setImmediate);
      yielded = Date.now();
    }
    return scores;
  },
});

async function gradeOne(
  grading: Grading,
  graders: Map<string, GradeResponse>,
  { problem, response, conventions }: Attempt,
): Promise<Score> {
  try {
    // A grader that can't be created fails at its responses, not at the whole shard.
    const grade = graders.get(problem.id) ?? grading.graderOf(problem, conventions);
    graders.set(problem.id, grade);
    return await grade(response);
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    return { verdict: 'undecided', reason: GRADER_FAILED, cause: cause.slice(0, 200) };
  }
}

/** The score of a response to the problem with this id and gold; `before` is the stored score. */
export type Regrader = (
  problem: Pick<Problem, 'id' | 'answer'>,
  response: string,
  before: Pick<Score, 'verdict' | 'reason'>,
) => GradeResult;

/**
 * Grades stored answers again by the rules, under other conventions or by a later version. Two kinds of stored scores are
 * kept: those at which the grader threw, and verdicts of later scorers if the rules are still undecided.
 *
 * @param laterScorers - Names of the scorers after the rules
 */
export function createRegrader(options: Partial<GradeOptions>, laterScorers: readonly string[]): Regrader {
  const graders = new Map<string, (response: string) => GradeResult>();
  return ({ id, answer }, response, before) => {
    if (lossOf(before) === 'grader') return before;
    const grade = graders.get(id) ?? graderFor(answer, options);
    graders.set(id, grade);
    const after = grade(response);
    const isByLater = laterScorers.some((name) => before.reason.startsWith(`${name}-`));
    return after.verdict === 'undecided' && isByLater ? before : after;
  };
}
