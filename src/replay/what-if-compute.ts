/** From the bytes of a stored iteration to the report; runs on a thread of its own, since it takes seconds. */

import { readJsonLines } from '../formats/json-lines.ts';
import { compileGold, grade, isGoldError } from '../grader/grade.ts';
import type { GradeOptions } from '../grader/options.ts';
import type { GradeResult } from '../grader/types.ts';
import type { CurationOptions } from '../methods/curate.ts';
import { type DecisionPair, priorFromLogProbs } from '../methods/prior.ts';
import type { ScoredSummary } from '../methods/scored-rollout.ts';
import { type RolloutFilters, type WhatIfReport, whatIf } from '../methods/what-if.ts';
import type { RolloutSummary, RolloutTexts } from '../rollout/file.ts';
import { finalText } from '../rollout/segments.ts';
import type { Problem } from '../rollout/types.ts';

export interface StoredBytes {
  /** Summaries of each shard's rollouts. */
  readonly summaries: readonly Uint8Array[];
  readonly priors: readonly Uint8Array[];
  readonly grades: Uint8Array;
  /** Only where it is graded anew. */
  readonly texts?: readonly Uint8Array[];
  readonly problems?: Uint8Array;
}

export interface WhatIfJob {
  readonly bytes: StoredBytes;
  readonly before: CurationOptions;
  readonly after: CurationOptions;
  readonly filters: RolloutFilters;
  readonly grader: Partial<GradeOptions>;
  readonly limit: number;
}

type GradeLine = GradeResult & { readonly id: string };
type PriorLine = { readonly problemId: string; readonly logProbs: DecisionPair };

export function computeWhatIf({ bytes, before, after, filters, grader, limit }: WhatIfJob): WhatIfReport {
  const grades = new Map(readJsonLines<GradeLine>(bytes.grades, 'grades').map((line) => [line.id, line]));
  const rollouts: ScoredSummary[] = [];
  for (const summary of bytes.summaries)
    for (const line of readJsonLines<RolloutSummary>(summary, 'summaries')) {
      const found = grades.get(line.id);
      rollouts.push(found === undefined ? line : { ...line, grade: found.verdict, gradeReason: found.reason });
    }
  const priors = new Map<string, DecisionPair>();
  for (const prior of bytes.priors)
    for (const { problemId, logProbs } of readJsonLines<PriorLine>(prior, 'priors'))
      priors.set(problemId, priorFromLogProbs(logProbs));
  const regraded = regrade(rollouts, bytes, grader);
  return whatIf({
    rollouts,
    priors,
    before,
    after,
    filters,
    ...(regraded === undefined ? {} : { grades: regraded }),
    limit,
  });
}

/** Grades of every completed rollout under other conventions; undefined where they are those of the stored grades. */
function regrade(
  rollouts: readonly ScoredSummary[],
  { texts = [], problems }: StoredBytes,
  options: Partial<GradeOptions>,
): Map<string, Pick<ScoredSummary, 'grade' | 'gradeReason'>> | undefined {
  if (problems === undefined) return undefined;
  const golds = new Map(
    readJsonLines<Problem>(problems, 'problems').map(({ id, answer }) => [id, compileGold(answer, options)]),
  );
  const written = new Map<string, string>();
  for (const shard of texts)
    for (const { id, segments } of readJsonLines<RolloutTexts>(shard, 'texts')) written.set(id, finalText(segments));
  const graded = new Map<string, Pick<ScoredSummary, 'grade' | 'gradeReason'>>();
  for (const { id, problemId, state, gradeReason } of rollouts) {
    // What the stored grade had from elsewhere than the grader's rules stays as it is.
    if (state !== 'completed' || gradeReason === 'grader-failed') continue;
    const gold = golds.get(problemId);
    const text = written.get(id);
    if (gold === undefined || text === undefined || isGoldError(gold)) continue;
    const { verdict, reason } = grade(gold, text);
    graded.set(id, { grade: verdict, gradeReason: reason });
  }
  return graded;
}
