/** The workflows with one of them changed as a careless edit would: grading comes before sampling. */

import { control, sampling } from '../../workflows/policies.ts';
import type { ShardInput, ShardResult } from '../../workflows/rollout-shard.ts';

export { campaign, evaluation, iteration, warmUp } from '../../workflows/index.ts';

export async function rolloutShard({ checkpoint, plan }: ShardInput): Promise<ShardResult> {
  const grades = await control.gradeShard({ plan, rollouts: checkpoint });
  await sampling.campaigns.sampleTurn({ checkpoint, plan, turn: 0 });
  return { grades: grades.manifest, counts: grades.counts };
}
