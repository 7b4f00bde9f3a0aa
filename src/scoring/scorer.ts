/** The interface of scorers. Grading is a chain: each scorer may decide what earlier ones left undecided. */
import type { Conventions } from '../grader/options.ts';
import type { GradeResult } from '../grader/types.ts';
import type { Problem } from '../rollout/types.ts';
import type { ExecutionRequest, ExecutionResult } from '../sandbox/types.ts';

/** The verdict on a rollout's answer. */
export interface Score extends GradeResult {
  /** The error of the scorer, if it prevented a verdict. */
  readonly cause?: string;
}

/** The answer of a completed rollout, and its problem. */
export interface Attempt {
  /** Id of the rollout. */
  readonly id: string;
  readonly problem: Problem;
  /** The model's last text, which contains the answer. */
  readonly response: string;
  /** Conventions of grading that differ from the defaults. */
  readonly conventions?: Partial<Conventions>;
  /** The verdict so far; absent before the first scorer. */
  readonly score?: Score;
}

export interface ScoringContext {
  readonly signal: AbortSignal;
  readonly report: (progress: { readonly done: number; readonly total: number; readonly unit: string }) => void;
}

export interface Scorer {
  /** Part of the names of its counts of failures, `failed.<arm>.<name>`, and the prefix of its reasons. */
  readonly name: string;
  /** Everything that its scores depend on besides the attempts; part of the step's key. */
  readonly fingerprint: Readonly<Record<string, string>>;
  /** Whether it can decide any of the scores so far. */
  wants(score: Score | undefined): boolean;
  /**
   * Returns scores by id of the attempt. A score replaces the earlier one; an attempt without a new score keeps its own.
   * If the scorer itself fails at an attempt, the score is `undecided` with a reason that `lossOf` recognises: it is
   * counted, and retried on request.
   */
  score(attempts: readonly Attempt[], context: ScoringContext): Promise<ReadonlyMap<string, Score>>;
}

/** The dependencies of scorers after the rules; each scorer opens the ones that it needs. */
export interface ScorerDeps {
  readonly openSandbox: () => Promise<{
    readonly fingerprint: string;
    readonly run: (requests: readonly ExecutionRequest[]) => Promise<readonly ExecutionResult[]>;
  }>;
}

/** A scorer after the rules. `name` is also the name of the opened scorer. */
export interface LaterScorer {
  readonly name: string;
  open(deps: ScorerDeps): Promise<Scorer>;
}

/** The score of an answer at which the grader threw: no verdict. */
export const GRADER_FAILED = 'grader-failed';

/**
 * The name of the scorer whose failure prevented a verdict. Such a score says nothing about the answer. The reason of the
 * rules is `grader-failed`, that of every other scorer `<name>-lost`.
 */
export function lossOf({ reason }: Pick<Score, 'reason'>): string | undefined {
  return reason === GRADER_FAILED ? 'grader' : /^([a-z]+)-lost(?![a-z-])/.exec(reason)?.[1];
}

/**
 * The attempts' scores after the scorer.
 *
 * @param isRetry - Whether only attempts that the scorer failed at are scored again
 */
export async function applyScorer(
  scorer: Scorer,
  attempts: readonly Attempt[],
  isRetry: boolean,
  context: ScoringContext,
): Promise<readonly (Score & { readonly id: string })[]> {
  const wanted = attempts.filter(({ score }) =>
    isRetry && score !== undefined ? lossOf(score) === scorer.name : scorer.wants(score),
  );
  const scores = await scorer.score(wanted, context);
  return attempts.flatMap(({ id, score }) => {
    const last = scores.get(id) ?? score;
    return last === undefined ? [] : [{ id, ...last }];
  });
}
