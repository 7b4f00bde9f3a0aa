/** The seam of grading: a chain of scorers, each of which may decide what the ones before it left open. */
import type { Conventions } from '../grader/options.ts';
import type { GradeResult } from '../grader/types.ts';
import type { Problem } from '../rollout/types.ts';
import type { ExecutionRequest, ExecutionResult } from '../sandbox/types.ts';

/** The verdict on a rollout's answer. */
export interface Score extends GradeResult {
  /** What the scorer threw, where that kept the rollout from a verdict. */
  readonly cause?: string;
}

/** A completed rollout: what it answered to which problem. */
export interface Attempt {
  /** Of the rollout. */
  readonly id: string;
  readonly problem: Problem;
  /** What the model wrote last, in which the answer is looked for. */
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
  /** Counts of what it lost go by this name: `failed.<arm>.<name>`. Reasons of its verdicts begin with it. */
  readonly name: string;
  /** All that its scores depend on beside the attempts: part of the step's key. */
  readonly fingerprint: Readonly<Record<string, string>>;
  /** Whether it has a say in what is scored so far. */
  wants(score: Score | undefined): boolean;
  /**
   * Scores by id of the attempt; each takes the place of the one before, and an attempt without one keeps its own. What
   * the scorer itself failed at is `undecided` for a reason that `lossOf` knows: it is counted, and tried again on request.
   */
  score(attempts: readonly Attempt[], context: ScoringContext): Promise<ReadonlyMap<string, Score>>;
}

/** What a scorer after the rules may work with; it opens what it needs. */
export interface ScorerDeps {
  readonly openSandbox: () => Promise<{
    readonly fingerprint: string;
    readonly run: (requests: readonly ExecutionRequest[]) => Promise<readonly ExecutionResult[]>;
  }>;
}

/** A scorer after the rules, by the name that it has once it is open. */
export interface LaterScorer {
  readonly name: string;
  open(deps: ScorerDeps): Promise<Scorer>;
}

/** No verdict, since the grader threw. */
export const GRADER_FAILED = 'grader-failed';

/**
 * The scorer that failed at the rollout, where that kept it from a verdict and says nothing about its answer. The rules
 * call it `grader-failed`, every other scorer `<name>-lost`.
 */
export function lossOf({ reason }: Pick<Score, 'reason'>): string | undefined {
  return reason === GRADER_FAILED ? 'grader' : /^([a-z]+)-lost(?![a-z-])/.exec(reason)?.[1];
}

/**
 * The attempts' scores after the scorer.
 *
 * @param isRetry - Whether only what the scorer lost before is tried again
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
