/**
 * Some tens of problems with all their rollouts: sample until each rollout ends or stops at a code block, run the code,
 * go on, then grade. Every turn is a step of its own, so a killed worker costs one turn of one shard.
 */
import { ApplicationFailure, workflowInfo } from '@temporalio/workflow';
import type { Counts } from '../activities/types.ts';
import type { Digest } from '../src/artifacts/types.ts';
import { control, sampling, sandbox, stepRecords } from './policies.ts';

export interface ShardInput {
  readonly checkpoint: Digest;
  readonly plan: Digest;
  readonly rollouts: number;
  /** Whom the shard belongs to, for the database; absent in evaluations. */
  readonly campaign?: {
    readonly campaignId: string;
    readonly iteration: number;
    readonly shard: number;
    readonly of: number;
  };
}

export interface ShardResult {
  /** Manifest of the grades; it names the rollouts. */
  readonly grades: Digest;
  readonly counts: Counts;
}

// A code block is a turn, and each turn ends at least one code block of every waiting rollout, so the turn budget of
// the plan ends the loop. This bound only keeps a bug there from growing the history without end.
const TURNS_BOUND = 64;

export async function rolloutShard(input: ShardInput): Promise<ShardResult> {
  const { checkpoint, plan } = input;
  const purpose = input.campaign === undefined ? 'evaluations' : 'campaigns';
  const { sampleTurn } = sampling[purpose];
  const { executeTurn } = sandbox[purpose];
  let turn = await sampleTurn({ checkpoint, plan, turn: 0 });
  let executed: Counts = {};
  for (let index = 1; turn.awaiting > 0; index += 1) {
    if (index > TURNS_BOUND)
      throw ApplicationFailure.nonRetryable(`${turn.awaiting} rollouts still run code in turn ${index}`, 'internal');
    const executions = await executeTurn({ turn: turn.manifest });
    executed = addCounts(executed, executions.counts);
    turn = await sampleTurn({
      checkpoint,
      plan,
      turn: index,
      previous: { turn: turn.manifest, executions: executions.manifest },
    });
  }
  const grades = await control.gradeShard({ plan, rollouts: turn.manifest });
  const counts = { ...executed, ...turn.counts, ...grades.counts };
  if (counts.rollouts !== input.rollouts)
    throw ApplicationFailure.nonRetryable(
      `shard ${workflowInfo().workflowId} has ${counts.rollouts} rollouts; planned were ${input.rollouts}`,
      'incomplete',
    );
  if (input.campaign !== undefined)
    await stepRecords.recordFacts({
      facts: [{ kind: 'shard', ...input.campaign, at: new Date().toISOString(), manifest: grades.manifest, counts }],
    });
  return { grades: grades.manifest, counts };
}

export function addCounts(left: Counts, right: Counts): Counts {
  const sum: Record<string, number> = { ...left };
  for (const [name, value] of Object.entries(right)) sum[name] = (sum[name] ?? 0) + value;
  return sum;
}
