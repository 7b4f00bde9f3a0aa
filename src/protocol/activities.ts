/**
 * What workflows and activities say to each other: references and counts, never content. Workflows import the types
 * alone. A change that an older worker would misread bumps PROTOCOL in queues.ts.
 */
import { z } from 'zod';
import { digestSchema as digest } from '../artifacts/step-inputs.ts';
import type { Digest } from '../artifacts/types.ts';
import { type CampaignConfig, campaignSchema } from '../config/campaign.ts';
import type { SettingChange } from '../config/settings.ts';
import type { CurriculumState } from '../methods/curriculum.ts';
import { type ActivitiesOf, type InputOf, returning, withoutFields } from './activity-contract.ts';
import type { Counts } from './counts.ts';
import type { EvaluationMetrics } from './evaluation-metrics.ts';
import { factSchema } from './facts.ts';
import { journalNoteSchema } from './journal.ts';
import type { StepComparison } from './replay-report.ts';

/** What every worker but control's answers, on a queue of its own. */
export interface AliveActivities {
  isAlive(): Promise<true>;
}

/** A finished step: the key of its manifest, and what its caller decides by. */
export interface StepDone {
  readonly manifest: Digest;
  readonly counts: Counts;
}

export interface OpenedCampaign {
  /** Blob of the whole resolved configuration. */
  readonly config: Digest;
  /** Blob of the training problems, a JSON line each. */
  readonly problems: Digest;
  readonly problemCount: number;
}

export interface ChangedSettings {
  readonly config: Digest;
  readonly resolved: CampaignConfig;
  readonly changes: readonly SettingChange[];
}

export interface ResolvedModel {
  /** Tree of the checkpoint that the campaign starts from; with a warm-up, what is warmed up. */
  readonly base: Digest;
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

export interface SampledTurn extends StepDone {
  /** Rollouts that wait for an execution; 0 = every rollout has ended. */
  readonly awaiting: number;
  /** `sample.kept` and `sample.recomputed`: rollouts that went on, by what had become of their KV. Of this turn alone. */
  readonly usage: Counts;
  /** What sampled it, in words, e.g. `embedded onnxruntime-node 1.30.0, fp32`. */
  readonly sampledBy: string;
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

export interface Curated extends StepDone {
  /** No problem carries a signal: there is nothing to train on. */
  readonly isEmpty: boolean;
  /** Of an empty one: why, for people. */
  readonly explanation?: string;
}

export interface Trained extends StepDone {
  readonly checkpoint: Digest;
  readonly metrics: Counts;
}

export interface PreparedWarmUp {
  readonly manifest: Digest;
  /** Blobs of snippets that the demonstrations run, to be executed for their true outputs. */
  readonly batches: readonly Digest[];
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

export interface EvaluationDone extends StepDone {
  readonly metrics: EvaluationMetrics;
}

export interface OpenedReplay {
  /** Blob of what is stored of the iteration. */
  readonly plan: Digest;
  readonly shards: number;
  readonly patienceMs: number;
}

const index = z.int().min(0);
const settings = z.record(z.string(), z.unknown());
const curriculumState: z.ZodType<CurriculumState> = z.json();
/**
 * Of work that a part does: no sign of progress for this long, and the part counts as away. In milliseconds; no part of
 * a step's key.
 */
const patience = { patienceMs: index };
/** Whether what failed in an earlier run is tried once more; what was repaired there is taken either way. */
const retry = { retriesFailed: z.boolean() };
/** Which replay: what one has done again, another does not take for its own. And the blob of its plan. */
const replayStep = { replay: z.string(), plan: digest };

/** Control queue: short work beside the database and the workflows. */
export const controlContract = {
  openCampaign: returning<OpenedCampaign>().for(z.strictObject({ campaignId: z.string(), config: campaignSchema })),
  changeSettings: returning<ChangedSettings>().for(z.strictObject({ config: digest, settings })),
  planIteration: returning<IterationPlan>().for(
    z.strictObject({ iteration: index, config: digest, problems: digest, cursor: curriculumState }),
  ),
  /** `spec` is the blob of an EvaluationSpec. */
  planEvaluation: returning<SamplingPlan>().for(z.strictObject({ spec: digest })),
  describeEvaluations: returning<EvaluationRequest[]>().for(z.strictObject({ config: digest, checkpoint: digest })),
  awaitEvaluation: returning<EvaluationDone>().for(z.strictObject({ workflowId: z.string() })),
  /** `rollouts` is the manifest of the shard's last turn. */
  gradeShard: returning<LossyStep>().for(z.strictObject({ plan: digest, rollouts: digest, ...retry })),
  /** `shards` are manifests of grades, in shard order. Fewer or more rollouts than planned are a failure. */
  scoreRollouts: returning<StepDone>().for(
    z.strictObject({ shards: z.array(digest).readonly(), rolloutsPlanned: index }),
  ),
  /** `score` is the manifest of the iteration's scores. */
  curateIteration: returning<Curated>().for(
    withoutFields(['checkpoint'], z.strictObject({ iteration: index, config: digest, score: digest })),
  ),
  summariseEvaluation: returning<EvaluationDone>().for(z.strictObject({ score: digest })),
  recordFacts: returning<void>().for(z.strictObject({ facts: z.array(factSchema).readonly() })),
  writeJournal: returning<void>().for(journalNoteSchema),
  /** Of the campaign's checkpoints the newest `keepLast` stay, whatever else does. */
  collectCheckpoints: returning<void>().for(z.strictObject({ campaignId: z.string(), keepLast: z.int().min(1) })),
  postWebhook: returning<void>().for(
    z.strictObject({
      url: z.url(),
      body: z.strictObject({
        campaign: z.string(),
        status: z.literal('blocked'),
        reason: z.string(),
        at: z.iso.datetime(),
      }),
    }),
  ),
  openReplay: returning<OpenedReplay>().for(z.strictObject({ campaignId: z.string(), iteration: index, settings })),
  replayGrades: returning<StepComparison[]>().for(z.strictObject({ ...replayStep, shard: index })),
  replayScore: returning<StepComparison[]>().for(z.strictObject(replayStep)),
  replayCuration: returning<StepComparison[]>().for(z.strictObject(replayStep)),
  /** Shards whose stored turns, executions or grades are damaged. */
  findDamage: returning<number[]>().for(z.strictObject(replayStep)),
};

/** Sample queue: one inference engine a worker. */
export const sampleContract = {
  sampleTurn: returning<SampledTurn>().for(
    z.strictObject({
      checkpoint: digest,
      plan: digest,
      turn: index,
      ...patience,
      /** Manifest of the previous turn, and of the executions that it asked for; absent in turn 0. */
      previous: z.strictObject({ turn: digest, executions: digest }).exactOptional(),
    }),
  ),
  replaySampling: returning<StepComparison[]>().for(z.strictObject({ ...replayStep, shard: index })),
};

/** Sandbox queue: the model's code, in containers. */
export const sandboxContract = {
  /** `turn` is the manifest of the turn whose code blocks are to run. */
  executeTurn: returning<LossyStep>().for(z.strictObject({ turn: digest, ...patience })),
  /**
   * Runs the code of the turn's rollouts that ended as infrastructure once more. Without `mayRun` only what an earlier run
   * did is taken: null where nothing was.
   */
  executeFailed: returning<ExecutedAgain | null>().for(
    z.strictObject({ turn: digest, mayRun: z.boolean(), ...patience }),
  ),
  executeBatch: returning<StepDone>().for(z.strictObject({ config: digest, batch: digest, ...patience })),
  /** SymPy's verdict on undecided grades; `grades` is the manifest of the shard's. */
  settleGrades: returning<LossyStep>().for(z.strictObject({ grades: digest, ...retry, ...patience })),
  replayExecutions: returning<StepComparison[]>().for(z.strictObject({ ...replayStep, shard: index })),
};

/** Train queue: one training at a time a worker. */
export const trainContract = {
  resolveModel: returning<ResolvedModel>().for(z.strictObject({ config: digest })),
  prepareWarmUp: returning<PreparedWarmUp>().for(z.strictObject({ config: digest, base: digest })),
  /** Manifests of the demonstrations and of their executed batches, in order. */
  warmUp: returning<Trained>().for(
    z.strictObject({
      config: digest,
      base: digest,
      demonstrations: digest,
      executions: z.array(digest).readonly(),
      ...patience,
    }),
  ),
  /** `curation` is the manifest of the iteration's curation. */
  trainIteration: returning<Trained>().for(
    z.strictObject({ iteration: index, config: digest, checkpoint: digest, curation: digest, ...patience }),
  ),
  replayTraining: returning<StepComparison[]>().for(z.strictObject(replayStep)),
};

export type ControlActivities = ActivitiesOf<typeof controlContract>;
export type SampleActivities = ActivitiesOf<typeof sampleContract>;
export type SandboxActivities = ActivitiesOf<typeof sandboxContract>;
export type TrainActivities = ActivitiesOf<typeof trainContract>;

export type OpenCampaignInput = InputOf<typeof controlContract.openCampaign>;
export type ChangeSettingsInput = InputOf<typeof controlContract.changeSettings>;
export type PlanIterationInput = InputOf<typeof controlContract.planIteration>;
export type GradeShardInput = InputOf<typeof controlContract.gradeShard>;
export type ScoreInput = InputOf<typeof controlContract.scoreRollouts>;
export type CurateInput = InputOf<typeof controlContract.curateIteration>;
export type CollectCheckpointsInput = InputOf<typeof controlContract.collectCheckpoints>;
export type WebhookInput = InputOf<typeof controlContract.postWebhook>;
export type OpenReplayInput = InputOf<typeof controlContract.openReplay>;
export type ReplayStepInput = InputOf<typeof controlContract.replayScore>;
export type ReplayShardInput = InputOf<typeof controlContract.replayGrades>;
export type SampleTurnInput = InputOf<typeof sampleContract.sampleTurn>;
export type ExecuteInput = InputOf<typeof sandboxContract.executeTurn>;
export type ExecuteFailedInput = InputOf<typeof sandboxContract.executeFailed>;
export type ExecuteBatchInput = InputOf<typeof sandboxContract.executeBatch>;
export type SettleGradesInput = InputOf<typeof sandboxContract.settleGrades>;
export type ResolveModelInput = InputOf<typeof trainContract.resolveModel>;
export type PrepareWarmUpInput = InputOf<typeof trainContract.prepareWarmUp>;
export type WarmUpInput = InputOf<typeof trainContract.warmUp>;
export type TrainInput = InputOf<typeof trainContract.trainIteration>;
