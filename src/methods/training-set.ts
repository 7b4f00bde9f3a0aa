/** Rollouts as sequences to learn from. */
import type { RolloutTokens } from '../rollout/file.ts';
import type { Rollout } from '../rollout/types.ts';
import type { TrainingSequence, TrainingSet } from '../trainer/types.ts';

/**
 * The forced prefix and tool output carry no loss. In an `auto` rollout the model wrote the decision itself, so its tokens
 * carry loss like any others.
 *
 * @param prefixLogProb - log π(g_c|x), nats: with it the forced prefix carries loss too, since what is compared then is
 *   decision and solution together. It stands on the first token of the prefix: only sums over a sequence enter such a loss
 */
export function sequenceOf(
  rollout: RolloutTokens,
  prefixLogProb?: number,
): Pick<TrainingSequence, 'ids' | 'lossMask' | 'behaviourLogProbs'> {
  const { promptIds, prefixIds, completionIds, modelMask, logProbs } = rollout;
  const context = promptIds.length + prefixIds.length;
  const tokens = context + completionIds.length;
  const ids = new Int32Array(tokens);
  ids.set(promptIds);
  ids.set(prefixIds, promptIds.length);
  ids.set(completionIds, context);
  const lossMask = new Uint8Array(tokens);
  lossMask.set(modelMask, context);
  const behaviourLogProbs = new Float32Array(tokens);
  behaviourLogProbs.set(logProbs, context);
  if (prefixLogProb !== undefined && prefixIds.length > 0) {
    lossMask.fill(1, promptIds.length, context);
    behaviourLogProbs[promptIds.length] = Math.min(0, prefixLogProb);
  }
  return { ids, lossMask, behaviourLogProbs };
}

/**
 * Every rollout in which the model wrote something, with nothing to learn: what the probe compares the sampler's log-probs
 * with the trainer's on.
 */
export function buildProbeSet(rollouts: readonly Rollout[]): TrainingSet {
  const written = rollouts.filter(({ modelMask }) => modelMask.includes(1));
  return {
    queries: written.map(({ promptIds }) => ({ promptIds })),
    sequences: written.map((rollout, query) => ({ query, ...sequenceOf(rollout), advantage: 0 })),
    prefixIds: [[], []],
  };
}
