/** Computes a what-if report from the bytes of a stored iteration. It takes seconds, so it runs on a worker thread. */
import { gradedText } from '../grader/graded-text.ts';
import type { GradeOptions } from '../grader/options.ts';
import type { CurationOptions } from '../methods/curate.ts';
import { problemPriors } from '../methods/problem-priors.ts';
import type { ScoredSummary } from '../methods/scored-rollout.ts';
import { withSolutions } from '../methods/solutions.ts';
import { type RolloutFilters, type WhatIfReport, whatIf } from '../methods/what-if.ts';
import type { RolloutTexts } from '../rollout/file.ts';
import { ownTurns } from '../rollout/segments.ts';
import { createRegrader } from '../scoring/rules-scorer.ts';
import { LATER_SCORER_NAMES } from '../scoring/scorers.ts';
import { planStep } from '../steps/plan.ts';
import { sampleStep } from '../steps/sample.ts';
import { joinScored, scoreStep } from '../steps/score.ts';

export interface StoredBytes {
  readonly grades: Uint8Array;
  /** The summaries of each shard's last turn; texts only if they are graded again, or solutions are compared. */
  readonly shards: readonly { readonly summary: Uint8Array; readonly prior: Uint8Array; readonly texts?: Uint8Array }[];
  /** Only if rollouts are graded again. */
  readonly problems?: Uint8Array;
}

export interface WhatIfJob {
  readonly bytes: StoredBytes;
  readonly before: CurationOptions;
  readonly after: CurationOptions;
  readonly filters: RolloutFilters;
  readonly grader: Partial<GradeOptions>;
  /** Whether rollouts that have a grade are graded again. */
  readonly regrades: boolean;
  readonly limit: number;
}

export function computeWhatIf({ bytes, before, after, filters, grader, regrades, limit }: WhatIfJob): WhatIfReport {
  const { summary, prior, texts } = sampleStep.codecs;
  const { summaries, prefixLogProbs } = joinScored(
    scoreStep.codecs.grades.decode(bytes.grades, 'grades'),
    bytes.shards.map((shard) => ({
      summary: summary.decode(shard.summary, 'summaries'),
      prior: prior.decode(shard.prior, 'priors'),
    })),
  );
  const written = bytes.shards.flatMap((shard) =>
    shard.texts === undefined ? [] : texts.decode(shard.texts, 'texts'),
  );
  const rollouts = withSolutions(summaries, written);
  const regraded = regrade(rollouts, written, bytes.problems, grader, (rollout) =>
    rollout.grade === undefined ? rollout.state === 'violation' && after.violations === 'graded' : regrades,
  );
  return whatIf({
    rollouts,
    priors: problemPriors(prefixLogProbs, rollouts).priors,
    before,
    after,
    filters,
    ...(regraded === undefined ? {} : { grades: regraded }),
    limit,
  });
}

/** New grades of stored rollouts; undefined if the stored grades are used. A later scorer is not asked about violations. */
function regrade(
  rollouts: readonly ScoredSummary[],
  texts: readonly RolloutTexts[],
  problems: Uint8Array | undefined,
  options: Partial<GradeOptions>,
  isGraded: (rollout: ScoredSummary) => boolean,
): Map<string, Pick<ScoredSummary, 'grade' | 'gradeReason'>> | undefined {
  if (problems === undefined) return undefined;
  const regradeOne = createRegrader(options, LATER_SCORER_NAMES);
  const problemOf = new Map(planStep.codecs.problems.decode(problems, 'problems').map((item) => [item.id, item]));
  const written = new Map(
    texts.map(({ id, segments, blocks }) => [id, gradedText(ownTurns(segments, blocks))] as const),
  );
  const graded = new Map<string, Pick<ScoredSummary, 'grade' | 'gradeReason'>>();
  for (const rollout of rollouts) {
    const { id, problemId, grade, gradeReason } = rollout;
    const [problem, text] = [problemOf.get(problemId), written.get(id)];
    if (!isGraded(rollout) || problem === undefined || text === undefined) continue;
    const { verdict, reason } = regradeOne(problem, text, {
      verdict: grade ?? 'undecided',
      reason: gradeReason ?? '',
    });
    graded.set(id, { grade: verdict, gradeReason: reason });
  }
  return graded;
}
