/** The workflows with one of them changed as a careless edit would: grading comes before sampling. */

import { partsFor } from '../../workflows/parts.ts';
import { control } from '../../workflows/policies.ts';
import type { ShardInput, ShardResult } from '../../workflows/rollout-shard.ts';

export { campaign, evaluation, iteration, warmUp } from '../../workflows/index.ts';

export async function rolloutShard({ checkpoint, plan, patienceMs }: ShardInput): Promise<ShardResult> {
  const { sampling } = partsFor('campaigns', patienceMs);
  const grades = await control.gradeShard({ plan, rollouts: checkpoint, retriesFailed: false });
  await sampling.sampleTurn({ checkpoint, plan, turn: 0, patienceMs });
  return { grades: grades.manifest, counts: grades.counts };
}
