/**
 * What workflows and activities say to each other: references and counts, never content. Types alone, so that
 * workflows may import them. A change that an older worker would misread bumps PROTOCOL in workflows/queues.ts.
 */
import type { Digest } from '../src/artifacts/types.ts';
import type { CampaignConfig } from '../src/config/campaign.ts';
import type { SettingChange, Settings } from '../src/config/settings.ts';
import type { EvaluationMetrics, Fact } from '../src/db/facts.ts';

export type Counts = Readonly<Record<string, number>>;

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
  /** Position in the endless row of permutations of the problems. */
  readonly cursor: number;
}

/** What one shard samples: the blob of a ShardPlan, and its size. */
export interface ShardJob {
  readonly plan: Digest;
  readonly rollouts: number;
}

export interface SamplingPlan {
  readonly manifest: Digest;
  readonly shards: readonly ShardJob[];
  readonly nextCursor: number;
}

export interface SampleTurnInput {
  readonly checkpoint: Digest;
  readonly plan: Digest;
  readonly turn: number;
  /** Manifest of the previous turn, and of the executions that it asked for; absent in turn 0. */
  readonly previous?: { readonly turn: Digest; readonly executions: Digest };
}

export interface SampledTurn extends StepDone {
  /** Rollouts that wait for an execution; 0 = every rollout has ended. */
  readonly awaiting: number;
}

export interface ExecuteInput {
  /** Manifest of the turn whose code blocks are to run. */
  readonly turn: Digest;
}

export interface GradeShardInput {
  readonly plan: Digest;
  /** Manifest of the last turn. */
  readonly rollouts: Digest;
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
}

export interface TrainInput {
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

export interface ExecuteBatchInput {
  readonly config: Digest;
  readonly batch: Digest;
}

export interface WarmUpInput {
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

/** An evaluation as it is asked for: equal requests have equal workflow ids, so asking twice joins. */
export interface EvaluationRequest {
  readonly workflowId: string;
  readonly suite: string;
  readonly checkpoint: Digest;
  /** Blob of an EvaluationSpec. */
  readonly spec: Digest;
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

export interface JournalNote {
  readonly campaignId: string;
  readonly at: string;
  readonly kind: string;
  readonly details: Readonly<Record<string, unknown>>;
}

/** Control queue: short work beside the database and the workflows. */
export interface ControlActivities {
  openCampaign(input: OpenCampaignInput): Promise<OpenedCampaign>;
  changeSettings(input: ChangeSettingsInput): Promise<ChangedSettings>;
  planIteration(input: PlanIterationInput): Promise<SamplingPlan>;
  planEvaluation(input: PlanEvaluationInput): Promise<SamplingPlan>;
  describeEvaluations(input: DescribeEvaluationsInput): Promise<EvaluationRequest[]>;
  awaitEvaluation(input: { readonly workflowId: string }): Promise<EvaluationDone>;
  gradeShard(input: GradeShardInput): Promise<StepDone>;
  scoreRollouts(input: ScoreInput): Promise<StepDone>;
  curateIteration(input: CurateInput): Promise<Curated>;
  summariseEvaluation(input: SummariseEvaluationInput): Promise<EvaluationDone>;
  recordFacts(input: { readonly facts: readonly Fact[] }): Promise<void>;
  writeJournal(input: JournalNote): Promise<void>;
}

/** Sample queue: one inference engine a worker. */
export interface SampleActivities {
  sampleTurn(input: SampleTurnInput): Promise<SampledTurn>;
}

/** Sandbox queue: the model's code, in containers. */
export interface SandboxActivities {
  executeTurn(input: ExecuteInput): Promise<StepDone>;
  executeBatch(input: ExecuteBatchInput): Promise<StepDone>;
}

/** Train queue: one training at a time a worker. */
export interface TrainActivities {
  resolveModel(input: ResolveModelInput): Promise<ResolvedModel>;
  prepareWarmUp(input: PrepareWarmUpInput): Promise<PreparedWarmUp>;
  warmUp(input: WarmUpInput): Promise<Trained>;
  trainIteration(input: TrainInput): Promise<Trained>;
}
