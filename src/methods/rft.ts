/**
 * `rft`: rejection fine-tuning. Cross-entropy on the correct auto rollouts, each with weight 1. Easy problems have the most
 * correct rollouts, and many of these are alike: `perProblem` and `distinct` bound how much a problem weighs.
 */
import { createRandom } from '../formats/random.ts';
import { deriveSeed } from '../formats/seeds.ts';
import { autoArm, curateAuto } from './auto-rollouts.ts';
import type { CuratedQuery, CurationOutcome, CurationSettings, Method, ProblemGroup } from './method.ts';

export const rft: Method = {
  summary: 'rejection fine-tuning, cross-entropy on correct rollouts',
  arms: autoArm,
  curate: curateCorrect,
  objective: () => ({ objective: 'cross-entropy', decisionWeight: 0 }),
};

function curateCorrect(group: ProblemGroup, settings: CurationSettings): CurationOutcome {
  const outcome = curateAuto(group, settings, (rewards) => rewards);
  if (outcome.kind === 'withheld') return outcome;
  const { query } = outcome;
  const distinct = settings.distinct === true ? withoutRepeats(query.kept, group) : query.kept;
  return { kind: 'query', query: { ...query, kept: atMost(settings.perProblem, distinct, settings.seed, query) } };
}

/** The first rollout of each solution. */
function withoutRepeats(kept: CuratedQuery['kept'], { problemId, rollouts }: ProblemGroup): CuratedQuery['kept'] {
  const solutionOf = new Map(rollouts.map(({ id, solution }) => [id, solution]));
  const seen = new Set<string>();
  return kept.filter(({ rolloutId }) => {
    const solution = solutionOf.get(rolloutId);
    if (solution === undefined)
      throw new Error(`rollout ${rolloutId} of ${problemId} has no solution; the caller must read the texts`);
    const isNew = !seen.has(solution);
    seen.add(solution);
    return isNew;
  });
}

/** A seeded choice, in file order. */
function atMost(
  limit: number | undefined,
  kept: CuratedQuery['kept'],
  seed: string,
  { problemId }: CuratedQuery,
): CuratedQuery['kept'] {
  if (limit === undefined || kept.length <= limit) return kept;
  const order = createRandom(deriveSeed(seed, problemId, 'per-problem')).shuffle(kept.map((_, index) => index));
  const chosen = new Set(order.slice(0, limit));
  return kept.filter((_, index) => chosen.has(index));
}
