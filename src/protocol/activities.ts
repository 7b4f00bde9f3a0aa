/**
 * What workflows and activities say to each other: references and counts, never content. Types alone, so that
 * workflows may import them. A change that an older worker would misread bumps PROTOCOL in queues.ts.
 */
import type { Digest } from '../artifacts/types.ts';
import type { CampaignConfig } from '../config/campaign.ts';
import type { SettingChange, Settings } from '../config/settings.ts';
import type { CurriculumState } from '../methods/curriculum.ts';
import type { Counts } from './counts.ts';
import type { EvaluationMetrics } from './evaluation-metrics.ts';
import type { Fact } from './facts.ts';
import type { JournalNote } from './journal.ts';
import type { ControlReplay } from './replay-activities.ts';

/** What every worker but control's answers, on a queue of its own. */
export interface AliveActivities {
  isAlive(): Promise<true>;
}

/** A finished step: the key of its manifest, and what its caller decides by. */
export interface StepDone {
  readonly manifest: Digest;
  readonly counts: Counts;
}

export interface OpenCampaignInput {
  readonly campaignId: string;
  readonly config: CampaignConfig;
}

export interface OpenedCampaign {
  /** Blob of the whole resolved configuration. */
  readonly config: Digest;
  /** Blob of the training problems, a JSON line each. */
  readonly problems: Digest;
  readonly problemCount: number;
}

export interface ChangeSettingsInput {
  readonly config: Digest;
  readonly settings: Settings;
}

export interface ChangedSettings {
  readonly config: Digest;
  readonly resolved: CampaignConfig;
  readonly changes: readonly SettingChange[];
}

export interface ResolveModelInput {
  readonly config: Digest;
}

export interface ResolvedModel {
  /** Tree of the checkpoint that the campaign starts from; with a warm-up, what is warmed up. */
  readonly base: Digest;
}

export interface PlanIterationInput {
  readonly iteration: number;
  readonly config: Digest;
  readonly problems: Digest;
  /** State of the curriculum. */
  readonly cursor: CurriculumState;
}

/**
 * Of work that a part does: no sign of progress for this long, and the part counts as away. In milliseconds; no part of
 * a step's key.
 */
export interface Patience {
  readonly patienceMs: number;
}

/** What one shard samples: the blob of a ShardPlan, and its size. */
export interface ShardJob {
  readonly plan: Digest;
  readonly rollouts: number;
}

export interface SamplingPlan {
  readonly manifest: Digest;
  readonly shards: readonly ShardJob[];
  /** Rollouts of each arm. */
  readonly rolloutsByArm: Counts;
}

export interface IterationPlan extends SamplingPlan {
  /** State of the curriculum after it has taken this iteration's problems. */
  readonly nextCursor: CurriculumState;
}

export interface SampleTurnInput extends Patience {
  readonly checkpoint: Digest;
  readonly plan: Digest;
  readonly turn: number;
  /** Manifest of the previous turn, and of the executions that it asked for; absent in turn 0. */
  readonly previous?: { readonly turn: Digest; readonly executions: Digest };
}

export interface SampledTurn extends StepDone {
  /** Rollouts that wait for an execution; 0 = every rollout has ended. */
  readonly awaiting: number;
  /** `sample.kept` and `sample.recomputed`: rollouts that went on, by what had become of their KV. Of this turn alone. */
  readonly usage: Counts;
  /** What sampled it, in words, e.g. `embedded onnxruntime-node 1.30.0, fp32`. */
  readonly sampledBy: string;
}

export interface ExecuteInput extends Patience {
  /** Manifest of the turn whose code blocks are to run. */
  readonly turn: Digest;
}

/** Runs the code of the turn's rollouts that ended as infrastructure once more. */
export interface ExecuteFailedInput extends ExecuteInput {
  /** False: only what an earlier run did is taken, and nothing is run. */
  readonly mayRun: boolean;
}

/** A step that goes on where its part fails at a rollout. */
export interface LossyStep extends StepDone {
  /** Of one of these failures: what the part said. */
  readonly cause?: string;
}

export interface ExecutedAgain extends LossyStep {
  /** Run now, and not found in the store. */
  readonly isNew: boolean;
}

export interface GradeShardInput {
  readonly plan: Digest;
  /** Manifest of the last turn. */
  readonly rollouts: Digest;
  /** Whether what the grader failed at in an earlier run is graded once more; what was mended is taken either way. */
  readonly retriesFailed: boolean;
}

export interface SettleGradesInput {
  /** Manifest of the shard's grades. */
  readonly grades: Digest;
  /** Whether what the sandbox lost in an earlier run is asked once more; what was mended is taken either way. */
  readonly retriesFailed: boolean;
  readonly patienceMs: number;
}

/** All shards of a plan together. */
export interface ScoreInput {
  /** Manifests of the shards' grades, in shard order. */
  readonly shards: readonly Digest[];
  /** Rollouts of the plan: fewer or more is a failure, never a smaller iteration. */
  readonly rolloutsPlanned: number;
}

export interface CurateInput {
  readonly iteration: number;
  readonly config: Digest;
  readonly checkpoint: Digest;
  /** Manifest of the iteration's scores. */
  readonly score: Digest;
}

export interface Curated extends StepDone {
  /** No problem carries a signal: there is nothing to train on. */
  readonly isEmpty: boolean;
  /** Of an empty one: why, for people. */
  readonly explanation?: string;
}

export interface TrainInput extends Patience {
  readonly iteration: number;
  readonly config: Digest;
  readonly checkpoint: Digest;
  /** Manifest of the curation. */
  readonly curation: Digest;
}

export interface Trained extends StepDone {
  readonly checkpoint: Digest;
  readonly metrics: Counts;
}

export interface PrepareWarmUpInput {
  readonly config: Digest;
  readonly base: Digest;
}

export interface PreparedWarmUp {
  readonly manifest: Digest;
  /** Blobs of snippets that the demonstrations run, to be executed for their true outputs. */
  readonly batches: readonly Digest[];
}

export interface ExecuteBatchInput extends Patience {
  readonly config: Digest;
  readonly batch: Digest;
}

export interface WarmUpInput extends Patience {
  readonly config: Digest;
  readonly base: Digest;
  readonly demonstrations: Digest;
  /** Manifests of the executed batches, in order. */
  readonly executions: readonly Digest[];
}

export interface DescribeEvaluationsInput {
  readonly config: Digest;
  readonly checkpoint: Digest;
}

export interface FailurePolicy {
  /** Share of an arm's rollouts that may be lost to infrastructure. */
  readonly infrastructure: number;
  readonly patienceMs: number;
  /** A person goes on without what failed, however much it is. */
  readonly isAccepted: boolean;
}

/** An evaluation as it is asked for: equal requests have equal workflow ids, so asking twice joins. */
export interface EvaluationRequest {
  readonly workflowId: string;
  readonly suite: string;
  readonly checkpoint: Digest;
  /** Blob of an EvaluationSpec. */
  readonly spec: Digest;
  /** What the evaluation does about failures; no part of what it measures, nor of its id. */
  readonly failures: FailurePolicy;
}

export interface PlanEvaluationInput {
  readonly spec: Digest;
}

export interface SummariseEvaluationInput {
  readonly score: Digest;
}

export interface EvaluationDone extends StepDone {
  readonly metrics: EvaluationMetrics;
}

export interface CollectCheckpointsInput {
  readonly campaignId: string;
  /** Newest checkpoints that stay, whatever else does. */
  readonly keepLast: number;
}

/** What the webhook of a campaign is sent. */
export interface WebhookInput {
  readonly url: string;
  readonly body: {
    readonly campaign: string;
    readonly status: 'blocked';
    readonly reason: string;
    readonly at: string;
  };
}

/** Control queue: short work beside the database and the workflows. */
export interface ControlActivities extends ControlReplay {
  openCampaign(input: OpenCampaignInput): Promise<OpenedCampaign>;
  changeSettings(input: ChangeSettingsInput): Promise<ChangedSettings>;
  planIteration(input: PlanIterationInput): Promise<IterationPlan>;
  planEvaluation(input: PlanEvaluationInput): Promise<SamplingPlan>;
  describeEvaluations(input: DescribeEvaluationsInput): Promise<EvaluationRequest[]>;
  awaitEvaluation(input: { readonly workflowId: string }): Promise<EvaluationDone>;
  gradeShard(input: GradeShardInput): Promise<LossyStep>;
  scoreRollouts(input: ScoreInput): Promise<StepDone>;
  curateIteration(input: CurateInput): Promise<Curated>;
  summariseEvaluation(input: SummariseEvaluationInput): Promise<EvaluationDone>;
  recordFacts(input: { readonly facts: readonly Fact[] }): Promise<void>;
  writeJournal(input: JournalNote): Promise<void>;
  collectCheckpoints(input: CollectCheckpointsInput): Promise<void>;
  postWebhook(input: WebhookInput): Promise<void>;
}

/** Sample queue: one inference engine a worker. */
export interface SampleActivities {
  sampleTurn(input: SampleTurnInput): Promise<SampledTurn>;
}

/** Sandbox queue: the model's code, in containers. */
export interface SandboxActivities {
  executeTurn(input: ExecuteInput): Promise<LossyStep>;
  /** Null: nothing was done before, and nothing may be. */
  executeFailed(input: ExecuteFailedInput): Promise<ExecutedAgain | null>;
  executeBatch(input: ExecuteBatchInput): Promise<StepDone>;
}

/** Sandbox queue: SymPy's word on undecided grades. */
export type SettleActivities = { settleGrades(input: SettleGradesInput): Promise<LossyStep> };

/** Train queue: one training at a time a worker. */
export interface TrainActivities {
  resolveModel(input: ResolveModelInput): Promise<ResolvedModel>;
  prepareWarmUp(input: PrepareWarmUpInput): Promise<PreparedWarmUp>;
  warmUp(input: WarmUpInput): Promise<Trained>;
  trainIteration(input: TrainInput): Promise<Trained>;
}
