import { createHash } from 'node:crypto';
import { pendingExecution } from '../rollout/turn.ts';
import type { Rollout } from '../rollout/types.ts';
import type { ExecutionRequest } from '../sandbox/types.ts';
import type { ShardPlan } from './shard-plan.ts';

/** The request to the sandbox for a rollout that waits for an execution. */
export const snippetOf = (rollout: Rollout, { showValue }: Pick<ShardPlan, 'showValue'>): ExecutionRequest => ({
  id: rollout.id,
  ...pendingExecution(rollout),
  seed: seedOfSnippet(rollout.seed),
  ...(showValue === true ? { showValue } : {}),
});

/** The seed of a snippet's own randomness: 32 bits that depend on the rollout's seed alone. */
function seedOfSnippet(rolloutSeed: string): number {
  return createHash('sha256').update(rolloutSeed).digest().readUInt32LE(0);
}
