/** Builds the training set from the curation (rollouts and targets) and the rollouts' tokens. */
import type { Rollout } from '../rollout/types.ts';
import type { TrainingSequence, TrainingSet } from '../trainer/types.ts';
import type { Curation } from './curate.ts';

/**
 * The forced prefix and tool output carry no loss. In an `auto` rollout the model wrote the decision itself, so its tokens
 * carry loss like any others. Prompts come from the rollouts of the query.
 */
export function buildTrainingSet(
  curation: Curation,
  rollouts: readonly Rollout[],
  prefixIds: TrainingSet['prefixIds'],
): TrainingSet {
  const byId = new Map(rollouts.map((rollout) => [rollout.id, rollout]));
  const promptOf = new Map(rollouts.map((rollout) => [rollout.problemId, rollout.promptIds]));
  const sequences: TrainingSequence[] = [];
  const queries = curation.queries.map((query, index) => {
    for (const { rolloutId, advantage } of query.kept) {
      const rollout = byId.get(rolloutId);
      if (rollout === undefined)
        throw new Error(`curation keeps rollout ${rolloutId}, which is not among the rollouts`);
      sequences.push(toSequence(rollout, index, advantage));
    }
    const promptIds = promptOf.get(query.problemId);
    if (promptIds === undefined) throw new Error(`curation names problem ${query.problemId}, which has no rollouts`);
    return query.target === undefined ? { promptIds } : { promptIds, target: query.target };
  });
  return { queries, sequences, prefixIds };
}

/**
 * Every rollout in which the model wrote something, with nothing to learn: what the probe compares the sampler's log-probs
 * with the trainer's on.
 */
export function buildProbeSet(rollouts: readonly Rollout[]): TrainingSet {
  const written = rollouts.filter(({ modelMask }) => modelMask.includes(1));
  return {
    queries: written.map(({ promptIds }) => ({ promptIds })),
    sequences: written.map((rollout, query) => toSequence(rollout, query, 0)),
    prefixIds: [[], []],
  };
}

function toSequence(rollout: Rollout, query: number, advantage: number): TrainingSequence {
  const context = [...rollout.promptIds, ...rollout.prefixIds];
  const none = context.map(() => 0 as const);
  return {
    query,
    ids: [...context, ...rollout.completionIds],
    lossMask: [...none, ...rollout.modelMask],
    behaviourLogProbs: [...none, ...rollout.logProbs],
    advantage,
  };
}
