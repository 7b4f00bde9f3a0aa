import { seedNumber } from '../formats/seeds.ts';
import { pendingExecution } from '../rollout/turn.ts';
import type { Rollout } from '../rollout/types.ts';
import type { ExecutionRequest } from '../sandbox/types.ts';
import type { ShardPlan } from './shard-plan.ts';

/** The request to the sandbox for a rollout that waits for an execution. */
export const snippetOf = (rollout: Rollout, { showValue }: Pick<ShardPlan, 'showValue'>): ExecutionRequest => ({
  id: rollout.id,
  ...pendingExecution(rollout),
  seed: seedNumber(rollout.seed, 4),
  ...(showValue === true ? { showValue } : {}),
});
