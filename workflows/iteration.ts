/** One EM iteration: checkpoint k becomes k + 1. It fails or completes as a whole; finished steps are kept. */

import {
  condition,
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
import type { StageName } from '../src/protocol/stages.ts';
import { CAMPAIGN_ATTRIBUTE, ITERATION_ATTRIBUTE, shardWorkflowId } from '../src/protocol/workflow-ids.ts';
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
  /** Checkpoint that the campaign started from. */
  readonly start?: Digest;
  readonly cursor: CurriculumState;
  readonly shardsInFlight: number;
  readonly paused: boolean;
  readonly failures: FailurePolicy;
  /** Whether rollouts that sandbox or grader lost in an earlier attempt are tried once more. */
  readonly retriesFailed: boolean;
  /** Whether the trainer probes the first shard before the rest is sampled. Iterations of earlier versions don't. */
  readonly probes?: boolean;
}

export type IterationResult =
  | {
      readonly kind: 'completed';
      readonly checkpoint: Digest;
      readonly nextCursor: CurriculumState;
      readonly metrics: Counts;
    }
  | {
      readonly kind: 'no-signal';
      readonly nextCursor: CurriculumState;
      readonly counts: Counts;
      readonly explanation?: string;
    };

// Progress signals are stored in the campaign's history; some twenty an iteration suffice for a progress bar.
const PROGRESS_STEPS = 20;

export async function iteration(input: IterationInput): Promise<IterationResult> {
  const { campaignId, iteration: number, config, problems, checkpoint, cursor } = input;
  upsertSearchAttributes([
    { key: CAMPAIGN_ATTRIBUTE, value: campaignId },
    { key: ITERATION_ATTRIBUTE, value: number },
  ]);
  const { patienceMs } = input.failures;
  const { training } = partsFor('campaigns', patienceMs);
  const run = new IterationRun(input);

  const plan = await run.during('plan', [], {}, () =>
    control.planIteration({ iteration: number, config, problems, cursor }),
  );
  const planned = run.completed('plan', { manifest: plan.manifest });
  const shards = await run.during('sample', [planned], { shards: plan.shards.length }, () =>
    sampleShards(run, input, plan),
  );
  const counts = { ...sumCounts(shards.map((shard) => shard.counts)), ...run.probed };
  const score = await run.during('score', [run.completed('sample', { counts })], {}, () =>
    control.scoreRollouts({
      shards: shards.map((shard) => shard.grades),
      rolloutsPlanned: plan.shards.reduce((sum, shard) => sum + shard.rollouts, 0),
    }),
  );
  const curated = await run.during('curate', [run.completed('score', score)], {}, () =>
    control.curateIteration({ iteration: number, config, score: score.manifest }),
  );
  const curatedFact = run.completed('curate', curated);
  if (curated.isEmpty) {
    await stepRecords.recordFacts({ facts: [curatedFact] });
    const { counts, explanation } = curated;
    return {
      kind: 'no-signal',
      nextCursor: plan.nextCursor,
      counts,
      ...(explanation === undefined ? {} : { explanation }),
    };
  }
  const trained = await run.during('train', [curatedFact], {}, () =>
    training.trainIteration({
      iteration: number,
      config,
      checkpoint,
      curation: curated.manifest,
      ...(input.start === undefined ? {} : { start: input.start }),
      patienceMs,
    }),
  );
  await stepRecords.recordFacts({ facts: [run.completed('train', trained)] });
  return {
    kind: 'completed',
    checkpoint: trained.checkpoint,
    nextCursor: plan.nextCursor,
    metrics: { ...counts, ...curated.counts, ...trained.metrics },
  };
}

/** A running iteration: its progress, its message handlers, and the records of its stages. */
class IterationRun {
  readonly gate: Gate;
  private readonly campaignId: string;
  private progress: IterationProgress;
  /** What the probe of the first shard found. */
  probed: Counts = {};

  constructor({ campaignId, iteration: number, attempt, paused }: IterationInput) {
    this.campaignId = campaignId;
    this.gate = createSignalledGate(paused);
    this.progress = { iteration: number, attempt, stage: 'plan', shardsDone: 0, shards: 0, rollouts: 0 };
    setHandler(progressQuery, () => this.progress);
  }

  /** Runs a stage once the gate is open. It does not wait for the stage's record and progress signal. */
  async during<T>(
    stage: StageName,
    before: readonly Fact[],
    change: Partial<IterationProgress>,
    work: () => Promise<T>,
  ): Promise<T> {
    if (!this.gate.isOpen) {
      if (before.length > 0) await stepRecords.recordFacts({ facts: before });
      await this.gate.pass();
    }
    const facts = [...before, this.fact(stage, 'running')];
    const [result] = await Promise.all([work(), stepRecords.recordFacts({ facts }), this.report({ stage, ...change })]);
    return result;
  }

  completed(stage: StageName, { manifest, counts }: { readonly manifest?: Digest; readonly counts?: Counts }): Fact {
    return {
      ...this.fact(stage, 'completed'),
      ...(manifest === undefined ? {} : { manifest }),
      ...(counts === undefined ? {} : { counts }),
    };
  }

  async reportShards(shardsDone: number, rollouts: number): Promise<void> {
    const { shards } = this.progress;
    const step = Math.max(1, Math.ceil(shards / PROGRESS_STEPS));
    if (shardsDone % step === 0 || shardsDone === shards) await this.report({ shardsDone, rollouts });
  }

  private async report(change: Partial<IterationProgress>): Promise<void> {
    this.progress = { ...this.progress, ...change };
    const parent = workflowInfo().parent;
    // Without the run id, so that it reaches the campaign after a continue-as-new. A lost progress signal does no harm.
    if (parent !== undefined)
      await getExternalWorkflowHandle(parent.workflowId)
        .signal(progressSignal, this.progress)
        .catch(() => undefined);
  }

  private fact(stage: StageName, status: 'running' | 'completed') {
    const { campaignId, progress } = this;
    const at = new Date().toISOString();
    return { kind: 'stage', campaignId, iteration: progress.iteration, stage, status, at } as const;
  }
}

const PROBE_WAIT = '10m';

async function probeShard({ iteration: number, config, checkpoint, failures }: IterationInput, shard: ShardResult) {
  const { patienceMs } = failures;
  const { training } = partsFor('campaigns', patienceMs);
  const { counts } = await training.probeSampling({
    iteration: number,
    config,
    checkpoint,
    grades: shard.grades,
    patienceMs,
  });
  return counts;
}

/**
 * Fails as soon as more rollouts are lost than allowed: waiting for the other shards would not bring them back, and
 * each of them may be waiting for an unavailable worker.
 */
async function sampleShards(run: IterationRun, input: IterationInput, plan: SamplingPlan): Promise<ShardResult[]> {
  const { campaignId, iteration: number, checkpoint, failures, retriesFailed } = input;
  const { patienceMs } = failures;
  const { gate } = run;
  let shardsDone = 0;
  let rollouts = 0;
  let counts: Counts = {};
  let admitted = 0;
  let waitsForProbe = input.probes === true;
  const { workflowId } = workflowInfo();
  return admit(
    plan.shards,
    input.shardsInFlight,
    () => gate.isOpen && (!waitsForProbe || admitted < input.shardsInFlight),
    async (shard, index) => {
      admitted += 1;
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
      await run.reportShards(shardsDone, rollouts);
      if (index === 0 && waitsForProbe) {
        await gate.pass();
        const probing = probeShard(input, result).finally(() => {
          waitsForProbe = false;
        });
        // A trainer that is busy with another campaign delays the refusal, not the sampling.
        void condition(() => !waitsForProbe, PROBE_WAIT).then(
          () => {
            waitsForProbe = false;
          },
          () => undefined,
        );
        run.probed = await probing;
      }
      return result;
    },
  );
}
