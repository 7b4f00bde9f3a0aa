/** The complete plan of one shard: plan and checkpoint determine every token. A blob; its digest is in the step keys. */
import { putJson } from '../artifacts/codecs.ts';
import type { ArtifactStore } from '../artifacts/types.ts';
import type { Conventions } from '../grader/options.ts';
import type { SamplerCompute } from '../models/weight-layout.ts';
import type { ShardJob } from '../protocol/activities.ts';
import type { RolloutTemplate } from '../rollout/template.ts';
import type { Arm, Problem } from '../rollout/types.ts';
import type { ExecutionLimits } from '../sandbox/types.ts';

export interface ArmPlan {
  readonly arm: Arm;
  readonly samples: number;
  /** Number of problems, from the shard's first on, that have rollouts of this arm. */
  readonly problems: number;
}

export interface ShardPlan {
  readonly problems: readonly Problem[];
  readonly arms: readonly ArmPlan[];
  readonly template: RolloutTemplate;
  /** 0 = greedy. */
  readonly temperature: number;
  readonly maxNewTokens: number;
  readonly maxTurns: number;
  readonly limits: ExecutionLimits;
  /** The model reads the value of a block's last expression too. Absent: it does not. */
  readonly showValue?: true;
  /** Conventions of grading that differ from the defaults. */
  readonly grading?: Partial<Conventions>;
  /** Rollouts that broke their arm's rule are graded too, as far as they got. Absent: they are not. */
  readonly gradesViolations?: true;
  /** Absent: fp32. */
  readonly compute?: SamplerCompute;
  /** Rollouts of equal (seed, problem, arm, sample) draw equal randomness. */
  readonly seed: string;
}

export const countRollouts = (plan: ShardPlan): number =>
  plan.arms.reduce((sum, { samples, problems }) => sum + samples * problems, 0);

/** Rollouts of each arm over all shards. */
export function countByArm(shards: readonly ShardPlan[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { arm, samples, problems } of shards.flatMap(({ arms }) => arms))
    counts[arm] = (counts[arm] ?? 0) + samples * problems;
  return counts;
}

/** Cuts problems into shards of at most `size`; `limits` is the number of problems that an arm samples, over all shards. */
export function cutShards(
  problems: readonly Problem[],
  size: number,
  arms: readonly { readonly arm: Arm; readonly samples: number; readonly limit?: number }[],
  rest: Omit<ShardPlan, 'problems' | 'arms'>,
): ShardPlan[] {
  const shards: ShardPlan[] = [];
  for (let from = 0; from < problems.length; from += size) {
    const part = problems.slice(from, from + size);
    const armPlans = arms.flatMap(({ arm, samples, limit = problems.length }) => {
      const count = Math.min(part.length, Math.max(0, limit - from));
      return count === 0 ? [] : [{ arm, samples, problems: count }];
    });
    if (armPlans.length > 0) shards.push({ ...rest, problems: part, arms: armPlans });
  }
  return shards;
}

export async function storeShards(store: ArtifactStore, shards: readonly ShardPlan[]): Promise<ShardJob[]> {
  const jobs: ShardJob[] = [];
  for (const shard of shards) {
    const { digest } = await putJson(store, shard);
    jobs.push({ plan: digest, rollouts: countRollouts(shard) });
  }
  return jobs;
}
