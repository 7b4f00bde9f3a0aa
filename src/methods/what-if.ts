/** Compares the curation of an iteration's rollouts with another one: the problems and rollouts that change, and how. */
import type { Arm } from '../rollout/types.ts';
import { type Curation, type CurationCounts, type CurationOptions, curate } from './curate.ts';
import type { CuratedQuery } from './method.ts';
import type { DecisionPair } from './prior.ts';
import type { ScoredSummary } from './scored-rollout.ts';

/** Filters that remove rollouts from the other curation. */
export interface RolloutFilters {
  /** Maximum number of rollouts per problem, by arm; an absent arm has none. */
  readonly samplesByArm: Readonly<Partial<Record<Arm, number>>>;
  /** Maximum number of the model's tokens in a rollout. */
  readonly maxTokens?: number;
  /** Keeps only problems whose id contains this text. */
  readonly problem?: string;
}

export interface WhatIfInput {
  readonly rollouts: readonly ScoredSummary[];
  /** π(c|x) by problem. */
  readonly priors: ReadonlyMap<string, DecisionPair>;
  readonly before: CurationOptions;
  readonly after: CurationOptions;
  readonly filters: RolloutFilters;
  /** Grades by rollout under other conventions; other rollouts keep their grades. */
  readonly grades?: ReadonlyMap<string, Pick<ScoredSummary, 'grade' | 'gradeReason'>>;
  /** Maximum number of listed problems and rollouts; the counts include all of them. */
  readonly limit: number;
}

/** The curation of one problem; an absent part means no signal or no target. */
export interface ProblemOutcome {
  readonly estimates?: DecisionPair;
  readonly target?: DecisionPair;
  readonly kept: number;
}

/** A side is absent if that curation does not train on the problem: withheld, or without signal. */
export interface ProblemChange {
  readonly problemId: string;
  readonly before?: ProblemOutcome;
  readonly after?: ProblemOutcome;
}

/** An advantage is absent if that curation does not train on the rollout. */
export interface RolloutChange {
  readonly rolloutId: string;
  readonly problemId: string;
  readonly advantageBefore?: number;
  readonly advantageAfter?: number;
  /** Present if the verdict changes too. */
  readonly gradeBefore?: string;
  readonly gradeAfter?: string;
}

export interface WhatIfReport {
  readonly before: CurationCounts & { readonly rollouts: number };
  readonly after: CurationCounts & { readonly rollouts: number };
  readonly changed: {
    readonly problems: number;
    readonly rollouts: number;
    readonly grades: number;
    readonly estimates: number;
    readonly targets: number;
    /** Targets whose larger share is on the other arm. */
    readonly preferredArms: number;
  };
  /** Mean |Δ s*(code|x)| over changed problems with a target in both; 0 without any. */
  readonly meanTargetChange: number;
  readonly problems: readonly ProblemChange[];
  readonly rollouts: readonly RolloutChange[];
}

export function whatIf(input: WhatIfInput): WhatIfReport {
  const { rollouts, priors, filters, grades, limit } = input;
  const regraded =
    grades === undefined ? rollouts : rollouts.map((rollout) => ({ ...rollout, ...grades.get(rollout.id) }));
  const chosen = regraded.filter((rollout) => passes(rollout, filters));
  const before = withoutAnchors(curate(rollouts, priors, input.before));
  const after = withoutAnchors(curate(chosen, priors, input.after));
  const problems = problemChanges(before, after);
  const changedGrades = gradeChanges(rollouts, regraded);
  const found = rolloutChanges(rollouts, before, after, changedGrades);
  const pairs = problems.flatMap(({ before: b, after: a }) =>
    b?.target === undefined || a?.target === undefined ? [] : [[b.target, a.target] as const],
  );
  return {
    before: { ...before.counts, rollouts: rollouts.length },
    after: { ...after.counts, rollouts: chosen.length },
    changed: {
      problems: problems.length,
      rollouts: found.length,
      grades: changedGrades.size,
      estimates: problems.filter(({ before: b, after: a }) => !equalPairs(b?.estimates, a?.estimates)).length,
      targets: problems.filter(({ before: b, after: a }) => !equalPairs(b?.target, a?.target)).length,
      preferredArms: pairs.filter(([b, a]) => b[1] > b[0] !== a[1] > a[0]).length,
    },
    meanTargetChange: pairs.reduce((sum, [b, a]) => sum + Math.abs(b[1] - a[1]), 0) / Math.max(1, pairs.length),
    problems: problems.slice(0, limit),
    rollouts: found.slice(0, limit),
  };
}

/** What has an advantage or a target: rollouts that only anchor are counted, and are no change that people look for. */
const withoutAnchors = (curation: Curation): Curation => ({
  ...curation,
  queries: curation.queries
    .map((query) => ({ ...query, kept: query.kept.filter(({ advantage }) => advantage !== 0) }))
    .filter(({ kept, target }) => kept.length > 0 || target !== undefined),
});

function passes(rollout: ScoredSummary, { samplesByArm, maxTokens, problem }: RolloutFilters): boolean {
  return (
    rollout.sample < (samplesByArm[rollout.arm] ?? 0) &&
    (maxTokens === undefined || rollout.modelTokens <= maxTokens) &&
    (problem === undefined || rollout.problemId.includes(problem))
  );
}

const equalPairs = (a: DecisionPair | undefined, b: DecisionPair | undefined): boolean =>
  a === b || (a !== undefined && b !== undefined && a[0] === b[0] && a[1] === b[1]);

const outcomeOf = ({ estimates, target, kept }: CuratedQuery): ProblemOutcome => ({
  ...(estimates === undefined ? {} : { estimates }),
  ...(target === undefined ? {} : { target }),
  kept: kept.length,
});

/** In file order; problems that only the other curation trains on come last. */
function problemChanges(before: Curation, after: Curation): ProblemChange[] {
  const later = new Map(after.queries.map((query) => [query.problemId, query]));
  const earlier = new Set(before.queries.map(({ problemId }) => problemId));
  const changes = before.queries.flatMap((query): ProblemChange[] => {
    const other = later.get(query.problemId);
    if (other === undefined) return [{ problemId: query.problemId, before: outcomeOf(query) }];
    const isEqual =
      equalPairs(query.estimates, other.estimates) &&
      equalPairs(query.target, other.target) &&
      equalKept(query, other) &&
      equalPreferences(query, other);
    return isEqual ? [] : [{ problemId: query.problemId, before: outcomeOf(query), after: outcomeOf(other) }];
  });
  const gained = after.queries.filter(({ problemId }) => !earlier.has(problemId));
  return [...changes, ...gained.map((query) => ({ problemId: query.problemId, after: outcomeOf(query) }))];
}

const equalKept = ({ kept: a }: CuratedQuery, { kept: b }: CuratedQuery): boolean =>
  a.length === b.length &&
  a.every((item, at) => item.rolloutId === b[at]?.rolloutId && item.advantage === b[at]?.advantage);

const equalPreferences = ({ pairs: a = [] }: CuratedQuery, { pairs: b = [] }: CuratedQuery): boolean =>
  a.length === b.length && a.every(({ right, wrong }, at) => right === b[at]?.right && wrong === b[at]?.wrong);

function gradeChanges(
  rollouts: readonly ScoredSummary[],
  regraded: readonly ScoredSummary[],
): ReadonlyMap<string, readonly [before: string, after: string]> {
  if (rollouts === regraded) return new Map();
  return new Map(
    rollouts.flatMap(({ id, grade = 'none' }, at) => {
      const after = regraded[at]?.grade ?? 'none';
      return grade === after ? [] : [[id, [grade, after] as const] as const];
    }),
  );
}

function rolloutChanges(
  rollouts: readonly ScoredSummary[],
  before: Curation,
  after: Curation,
  grades: ReadonlyMap<string, readonly [before: string, after: string]>,
): RolloutChange[] {
  const [was, is] = [before, after].map(
    ({ queries }) =>
      new Map(queries.flatMap(({ kept }) => kept.map((item) => [item.rolloutId, item.advantage] as const))),
  ) as [Map<string, number>, Map<string, number>];
  return rollouts.flatMap(({ id, problemId }): RolloutChange[] => {
    const [left, right, grade] = [was.get(id), is.get(id), grades.get(id)];
    if (left === right && grade === undefined) return [];
    return [
      {
        rolloutId: id,
        problemId,
        ...(left === undefined ? {} : { advantageBefore: left }),
        ...(right === undefined ? {} : { advantageAfter: right }),
        ...(grade === undefined ? {} : { gradeBefore: grade[0], gradeAfter: grade[1] }),
      },
    ];
  });
}
