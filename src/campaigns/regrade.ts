/** Compares an iteration's stored grades with those of the current grader, or of the grader under other conventions. */
import { gradedText } from '../grader/graded-text.ts';
import type { GradeOptions } from '../grader/options.ts';
import type { GradeResult } from '../grader/types.ts';
import { ownTurns } from '../rollout/segments.ts';
import { createRegrader, type Regrader } from '../scoring/rules-scorer.ts';
import { LATER_SCORER_NAMES } from '../scoring/scorers.ts';
import type { RolloutReader, RolloutView } from './read-rollouts.ts';

/** A rollout whose verdict changed. */
export interface GradeFlip {
  readonly rolloutId: string;
  readonly problemId: string;
  readonly gold: string;
  readonly before: GradeResult;
  readonly after: GradeResult;
}

export interface RegradeReport {
  readonly iteration: number;
  /** Rollouts with a stored grade. */
  readonly graded: number;
  readonly flips: readonly GradeFlip[];
}

const PAGE = 500;

/** Lists every flip in the order of the rollouts, and changes nothing. @throws UseCaseError for an unknown campaign or iteration */
export async function regradeIteration(
  rollouts: Pick<RolloutReader, 'read'>,
  { campaign, iteration }: { readonly campaign: string; readonly iteration: number },
  options: Partial<GradeOptions>,
): Promise<RegradeReport> {
  let regrade: Regrader | undefined;
  const flips: GradeFlip[] = [];
  let graded = 0;
  for (let offset = 0; ; offset += PAGE) {
    const page = await rollouts.read({ campaign, iteration, offset, limit: PAGE });
    // The requested conventions override those of the campaign.
    regrade ??= createRegrader({ ...page.grading, ...options }, LATER_SCORER_NAMES);
    for (const rollout of page.rollouts) {
      if (rollout.grade === undefined || rollout.problem === undefined) continue;
      graded += 1;
      const flip = regradeOne(rollout, rollout.grade, rollout.problem.answer, regrade);
      if (flip !== undefined) flips.push(flip);
    }
    // Yields, so that the API answers other requests.
    await new Promise(setImmediate);
    if (offset + PAGE >= page.total) return { iteration, graded, flips };
  }
}

function regradeOne(rollout: RolloutView, before: GradeResult, gold: string, regrade: Regrader): GradeFlip | undefined {
  const after = regrade(
    { id: rollout.problemId, answer: gold },
    gradedText(ownTurns(rollout.texts.segments, rollout.texts.blocks)),
    before,
  );
  if (after.verdict === before.verdict) return undefined;
  const { verdict, reason, answer } = before;
  return {
    rolloutId: rollout.id,
    problemId: rollout.problemId,
    gold,
    before: { verdict, reason, ...(answer === undefined ? {} : { answer }) },
    after,
  };
}
