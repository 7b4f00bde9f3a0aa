/** One EM iteration: checkpoint k becomes k + 1. Fails as a whole or completes as planned; what it did stays done. */

import {
  getExternalWorkflowHandle,
  setHandler,
  startChild,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { Digest } from '../src/artifacts/types.ts';
import type { CurriculumState } from '../src/methods/curriculum.ts';
import type { FailurePolicy, SamplingPlan } from '../src/protocol/activities.ts';
import type { IterationProgress } from '../src/protocol/campaign-messages.ts';
import { type Counts, sumCounts } from '../src/protocol/counts.ts';
import type { Fact } from '../src/protocol/facts.ts';
import { requireBudget } from '../src/protocol/failure-budget.ts';
import { CAMPAIGN_ATTRIBUTE, ITERATION_ATTRIBUTE } from '../src/protocol/search-attributes.ts';
import type { StageName } from '../src/protocol/stages.ts';
import { shardWorkflowId } from '../src/protocol/workflow-ids.ts';
import { admit } from './admission.ts';
import { createSignalledGate, type Gate } from './gate.ts';
import { progressQuery, progressSignal } from './messages.ts';
import { partsFor } from './parts.ts';
import { control, stepRecords } from './policies.ts';
import type { rolloutShard, ShardResult } from './rollout-shard.ts';

export interface IterationInput {
  readonly campaignId: string;
  readonly iteration: number;
  readonly attempt: number;
  readonly config: Digest;
  readonly problems: Digest;
  readonly checkpoint: Digest;
  readonly cursor: CurriculumState;
  readonly shardsInFlight: number;
  readonly paused: boolean;
  readonly failures: FailurePolicy;
  /** Whether what sandbox or grader lost in an earlier attempt is tried once more. */
  readonly retriesFailed: boolean;
}

export type IterationResult =
  | {
      readonly kind: 'completed';
      readonly checkpoint: Digest;
      readonly nextCursor: CurriculumState;
      readonly metrics: Counts;
    }
  | { readonly kind: 'no-signal'; readonly nextCursor: CurriculumState; readonly counts: Counts };

// Progress signals land in the campaign's history: some twenty an iteration are enough for a bar.
const PROGRESS_STEPS = 20;

export async function iteration(input: IterationInput): Promise<IterationResult> {
  const { campaignId, iteration: number, config, checkpoint } = input;
  upsertSearchAttributes([
    { key: CAMPAIGN_ATTRIBUTE, value: campaignId },
    { key: ITERATION_ATTRIBUTE, value: number },
  ]);
  const { training } = partsFor('campaigns', input.failures.patienceMs);
  const gate = createSignalledGate(input.paused);
  let progress: IterationProgress = {
    iteration: number,
    attempt: input.attempt,
    stage: 'plan',
    shardsDone: 0,
    shards: 0,
    rollouts: 0,
  };
  setHandler(progressQuery, () => progress);

  const report = async (change: Partial<IterationProgress>): Promise<void> => {
    progress = { ...progress, ...change };
    const parent = workflowInfo().parent;
    // Without the run id, so that it finds the campaign after it has continued as new; a bar that misses a step is no loss.
    if (parent !== undefined)
      await getExternalWorkflowHandle(parent.workflowId)
        .signal(progressSignal, progress)
        .catch(() => undefined);
  };
  const stageFact = (
    stage: StageName,
    status: 'running' | 'completed',
    done: { readonly manifest?: Digest; readonly counts?: Counts } = {},
  ): Fact => ({
    kind: 'stage',
    campaignId,
    iteration: number,
    stage,
    status,
    at: new Date().toISOString(),
    ...(done.manifest === undefined ? {} : { manifest: done.manifest }),
    ...(done.counts === undefined ? {} : { counts: done.counts }),
  });
  /** Tells those who watch beside the work: neither waits for the other's start. */
  const during = async <T>(
    stage: StageName,
    before: readonly Fact[],
    change: Partial<IterationProgress>,
    work: () => Promise<T>,
  ): Promise<T> => {
    if (!gate.isOpen) {
      if (before.length > 0) await stepRecords.recordFacts({ facts: before });
      await gate.pass();
    }
    const facts = [...before, stageFact(stage, 'running')];
    const [result] = await Promise.all([work(), stepRecords.recordFacts({ facts }), report({ stage, ...change })]);
    return result;
  };

  const { problems, cursor } = input;
  const plan = await during('plan', [], {}, () =>
    control.planIteration({ iteration: number, config, problems, cursor }),
  );
  const onShard = async (shardsDone: number, rollouts: number): Promise<void> => {
    const step = Math.max(1, Math.ceil(plan.shards.length / PROGRESS_STEPS));
    if (shardsDone % step === 0 || shardsDone === plan.shards.length) await report({ shardsDone, rollouts });
  };
  const shards = await during(
    'sample',
    [stageFact('plan', 'completed', { manifest: plan.manifest })],
    { shards: plan.shards.length },
    () => sampleShards(input, plan, gate, onShard),
  );
  const counts = sumCounts(shards.map((shard) => shard.counts));
  const score = await during('score', [stageFact('sample', 'completed', { counts })], {}, () =>
    control.scoreRollouts({
      shards: shards.map((shard) => shard.grades),
      rolloutsPlanned: plan.shards.reduce((sum, shard) => sum + shard.rollouts, 0),
    }),
  );
  const curated = await during('curate', [stageFact('score', 'completed', score)], {}, () =>
    control.curateIteration({ iteration: number, config, checkpoint, score: score.manifest }),
  );
  const curatedFact = stageFact('curate', 'completed', curated);
  if (curated.isEmpty) {
    await stepRecords.recordFacts({ facts: [curatedFact] });
    return { kind: 'no-signal', nextCursor: plan.nextCursor, counts: curated.counts };
  }
  const trained = await during('train', [curatedFact], {}, () =>
    training.trainIteration({
      iteration: number,
      config,
      checkpoint,
      curation: curated.manifest,
      patienceMs: input.failures.patienceMs,
    }),
  );
  await stepRecords.recordFacts({ facts: [stageFact('train', 'completed', trained)] });
  return {
    kind: 'completed',
    checkpoint: trained.checkpoint,
    nextCursor: plan.nextCursor,
    metrics: { ...counts, ...curated.counts, ...trained.metrics },
  };
}

/**
 * Fails as soon as more rollouts are lost than may be: waiting for the rest would not bring them back, and each shard may
 * wait for a part that is away.
 */
async function sampleShards(
  input: IterationInput,
  plan: SamplingPlan,
  gate: Gate,
  onDone: (shardsDone: number, rollouts: number) => Promise<void>,
): Promise<ShardResult[]> {
  const { campaignId, iteration: number, checkpoint, failures, retriesFailed } = input;
  const { patienceMs } = failures;
  let shardsDone = 0;
  let rollouts = 0;
  let counts: Counts = {};
  const { workflowId } = workflowInfo();
  return admit(
    plan.shards,
    input.shardsInFlight,
    () => gate.isOpen,
    async (shard, index) => {
      const campaign = { campaignId, iteration: number, shard: index, of: plan.shards.length };
      const result = await gate.follow<typeof rolloutShard>((paused) =>
        startChild<typeof rolloutShard>('rolloutShard', {
          workflowId: shardWorkflowId(workflowId, index),
          args: [{ checkpoint, ...shard, patienceMs, retriesFailed, paused, campaign }],
        }),
      );
      counts = sumCounts([counts, result.counts]);
      const { rolloutsByArm } = plan;
      requireBudget(
        { counts, rolloutsByArm, ...(result.cause === undefined ? {} : { cause: result.cause }) },
        failures,
      );
      shardsDone += 1;
      rollouts += shard.rollouts;
      await onDone(shardsDone, rollouts);
      return result;
    },
  );
}
