/** One EM iteration: checkpoint k becomes k + 1. Fails as a whole or completes as planned; what it did stays done. */
import { executeChild, getExternalWorkflowHandle, setHandler, workflowInfo } from '@temporalio/workflow';
import type { Counts, SamplingPlan } from '../activities/types.ts';
import type { Digest } from '../src/artifacts/types.ts';
import type { Fact, StageName } from '../src/db/facts.ts';
import { admit } from './admission.ts';
import {
  type IterationProgress,
  pauseSignal,
  progressQuery,
  progressSignal,
  resumeSignal,
  shardWorkflowId,
} from './messages.ts';
import { control, training } from './policies.ts';
import { addCounts, type rolloutShard, type ShardResult } from './rollout-shard.ts';

export interface IterationInput {
  readonly campaignId: string;
  readonly iteration: number;
  readonly attempt: number;
  readonly config: Digest;
  readonly problems: Digest;
  readonly checkpoint: Digest;
  readonly cursor: number;
  readonly shardsInFlight: number;
  readonly paused: boolean;
}

export type IterationResult =
  | { readonly kind: 'completed'; readonly checkpoint: Digest; readonly nextCursor: number; readonly metrics: Counts }
  | { readonly kind: 'no-signal'; readonly nextCursor: number; readonly counts: Counts };

// Progress signals land in the campaign's history: some twenty an iteration are enough for a bar.
const PROGRESS_STEPS = 20;

export async function iteration(input: IterationInput): Promise<IterationResult> {
  const { campaignId, iteration: number, config, checkpoint } = input;
  let paused = input.paused;
  let progress: IterationProgress = {
    iteration: number,
    attempt: input.attempt,
    stage: 'plan',
    shardsDone: 0,
    shards: 0,
    rollouts: 0,
  };
  setHandler(pauseSignal, () => {
    paused = true;
  });
  setHandler(resumeSignal, () => {
    paused = false;
  });
  setHandler(progressQuery, () => progress);

  const report = async (change: Partial<IterationProgress>): Promise<void> => {
    progress = { ...progress, ...change };
    const parent = workflowInfo().parent;
    // Without the run id, so that it finds the campaign after it has continued as new.
    if (parent !== undefined) await getExternalWorkflowHandle(parent.workflowId).signal(progressSignal, progress);
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

  const plan = await control.planIteration({
    iteration: number,
    config,
    problems: input.problems,
    cursor: input.cursor,
  });
  await control.recordFacts({
    facts: [stageFact('plan', 'completed', { manifest: plan.manifest }), stageFact('sample', 'running')],
  });
  await report({ stage: 'sample', shards: plan.shards.length });

  const shards = await sampleShards(
    input,
    plan,
    () => !paused,
    async (shardsDone, rollouts) => {
      const step = Math.max(1, Math.ceil(plan.shards.length / PROGRESS_STEPS));
      if (shardsDone % step === 0 || shardsDone === plan.shards.length) await report({ shardsDone, rollouts });
    },
  );
  const counts = shards.map((shard) => shard.counts).reduce(addCounts, {});
  await control.recordFacts({ facts: [stageFact('sample', 'completed', { counts }), stageFact('score', 'running')] });
  await report({ stage: 'score' });
  const score = await control.scoreRollouts({
    shards: shards.map((shard) => shard.grades),
    rolloutsPlanned: plan.shards.reduce((sum, shard) => sum + shard.rollouts, 0),
  });
  await control.recordFacts({ facts: [stageFact('score', 'completed', score), stageFact('curate', 'running')] });
  await report({ stage: 'curate' });
  const curated = await control.curateIteration({ iteration: number, config, checkpoint, score: score.manifest });
  await control.recordFacts({ facts: [stageFact('curate', 'completed', curated)] });
  if (curated.isEmpty) return { kind: 'no-signal', nextCursor: plan.nextCursor, counts: curated.counts };

  await control.recordFacts({ facts: [stageFact('train', 'running')] });
  await report({ stage: 'train' });
  const trained = await training.trainIteration({
    iteration: number,
    config,
    checkpoint,
    curation: curated.manifest,
  });
  await control.recordFacts({ facts: [stageFact('train', 'completed', trained)] });
  return {
    kind: 'completed',
    checkpoint: trained.checkpoint,
    nextCursor: plan.nextCursor,
    metrics: { ...counts, ...curated.counts, ...trained.metrics },
  };
}

async function sampleShards(
  input: IterationInput,
  plan: SamplingPlan,
  isOpen: () => boolean,
  onDone: (shardsDone: number, rollouts: number) => Promise<void>,
): Promise<ShardResult[]> {
  let shardsDone = 0;
  let rollouts = 0;
  const { workflowId } = workflowInfo();
  return admit(plan.shards, input.shardsInFlight, isOpen, async (shard, index) => {
    const result = await executeChild<typeof rolloutShard>('rolloutShard', {
      workflowId: shardWorkflowId(workflowId, index),
      args: [
        {
          checkpoint: input.checkpoint,
          ...shard,
          campaign: {
            campaignId: input.campaignId,
            iteration: input.iteration,
            shard: index,
            of: plan.shards.length,
          },
        },
      ],
    });
    shardsDone += 1;
    rollouts += shard.rollouts;
    await onDone(shardsDone, rollouts);
    return result;
  });
}
