/** One EM iteration: checkpoint k becomes k + 1. Fails as a whole or completes as planned; what it did stays done. */
import {
  executeChild,
  getExternalWorkflowHandle,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
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
import { control, stepRecords, training } from './policies.ts';
import { addCounts, type rolloutShard, type ShardResult } from './rollout-shard.ts';
import { CAMPAIGN_ATTRIBUTE, ITERATION_ATTRIBUTE } from './search-attributes.ts';

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
  upsertSearchAttributes([
    { key: CAMPAIGN_ATTRIBUTE, value: campaignId },
    { key: ITERATION_ATTRIBUTE, value: number },
  ]);
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
    () => sampleShards(input, plan, () => !paused, onShard),
  );
  const counts = shards.map((shard) => shard.counts).reduce(addCounts, {});
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
    training.trainIteration({ iteration: number, config, checkpoint, curation: curated.manifest }),
  );
  await stepRecords.recordFacts({ facts: [stageFact('train', 'completed', trained)] });
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
