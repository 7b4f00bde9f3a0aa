/**
 * Some tens of problems with all their rollouts: sample until each rollout ends or stops at a code block, run the code,
 * continue, then grade. Every turn is a step, so a killed worker costs one turn of one shard.
 */

import { ApplicationFailure, workflowInfo } from '@temporalio/workflow';
import type { Digest } from '../src/artifacts/types.ts';
import type { LossyStep, SampledTurn, SampleTurnInput } from '../src/protocol/activities.ts';
import { type Counts, hasLosses, hasUndecided, sumCounts } from '../src/protocol/counts.ts';
import { createSignalledGate } from './gate.ts';
import { partsFor } from './parts.ts';
import { control, stepRecords } from './policies.ts';

export interface ShardInput {
  readonly checkpoint: Digest;
  readonly plan: Digest;
  readonly rollouts: number;
  readonly patienceMs: number;
  /**
   * Whether rollouts that sandbox or grader lost in an earlier run are tried once more. Results of an earlier retry are
   * used either way: each retry is a step after the one before, so a finished one is not repeated.
   */
  readonly retriesFailed: boolean;
  readonly paused: boolean;
  /** The campaign and iteration of the shard, for the database; absent in evaluations. */
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
  /** `failed.<arm>.<cause>` counts the rollouts that sandbox or grader lost. */
  readonly counts: Counts;
  /** The sandbox's message for one of its failures. */
  readonly cause?: string;
}

// A turn of a rollout ends at a code block, and each turn ends at least one code block of every waiting rollout, so the
// plan's turn budget ends the loop. This bound only keeps a bug there from growing the history without end.
const TURNS_BOUND = 1000;

export async function rolloutShard(input: ShardInput): Promise<ShardResult> {
  const { checkpoint, plan, patienceMs } = input;
  const { sampling, sandbox } = partsFor(input.campaign === undefined ? 'evaluations' : 'campaigns', patienceMs);
  const gate = createSignalledGate(input.paused);
  let mayRetry = input.retriesFailed;
  /** Counts that are summed over the turns. Everything else comes from the last turn of each kind. */
  let spent: Counts = {};
  let cause: string | undefined;

  const sample = async (turn: number, previous?: SampleTurnInput['previous']): Promise<SampledTurn> => {
    await gate.pass();
    const base = { checkpoint, plan, turn, patienceMs };
    const sampled = await sampling.sampleTurn(previous === undefined ? base : { ...base, previous });
    spent = sumCounts([spent, sampled.usage]);
    return sampled;
  };
  /** The waiting rollouts; if there are none, those that the sandbox failed. */
  const execute = async ({ manifest, awaiting, counts }: SampledTurn): Promise<LossyStep | undefined> => {
    await gate.pass();
    if (awaiting > 0) return sandbox.executeTurn({ turn: manifest, patienceMs });
    if (!hasLosses(counts, 'sandbox')) return undefined;
    const again = await sandbox.executeFailed({ turn: manifest, mayRun: mayRetry, patienceMs });
    if (again?.isNew === true) mayRetry = false;
    return again ?? undefined;
  };

  let turn = await sample(0);
  for (let index = 1; ; index += 1) {
    if (index > TURNS_BOUND)
      throw ApplicationFailure.nonRetryable(`${turn.awaiting} rollouts still run code in turn ${index}`, 'internal');
    const executions = await execute(turn);
    if (executions === undefined) break;
    spent = sumCounts([spent, executions.counts]);
    cause = executions.cause ?? cause;
    turn = await sample(index, { turn: turn.manifest, executions: executions.manifest });
  }
  await gate.pass();
  let grades = await control.gradeShard({ plan, rollouts: turn.manifest, retriesFailed: input.retriesFailed });
  if (hasUndecided(grades.counts))
    grades = await sandbox.settleGrades({ grades: grades.manifest, retriesFailed: input.retriesFailed, patienceMs });
  cause ??= grades.cause;
  const counts = { ...spent, ...turn.counts, ...grades.counts };
  if (counts.rollouts !== input.rollouts)
    throw ApplicationFailure.nonRetryable(
      `shard ${workflowInfo().workflowId} has ${counts.rollouts} rollouts; planned were ${input.rollouts}`,
      'incomplete',
    );
  if (input.campaign !== undefined) {
    const shard = { ...input.campaign, manifest: grades.manifest, counts, sampledBy: turn.sampledBy };
    await stepRecords.recordFacts({ facts: [{ kind: 'shard', at: new Date().toISOString(), ...shard }] });
  }
  return { grades: grades.manifest, counts, ...(cause === undefined ? {} : { cause }) };
}
