/**
 * Contracts between workflows and activities: references and counts, never content. Workflows import only the types.
 * A change that an older worker would misread bumps PROTOCOL in queues.ts.
 */

import { z } from 'zod';
import { digestSchema as digest } from '../artifacts/step-inputs.ts';
import type { Digest } from '../artifacts/types.ts';
import { type CampaignConfig, campaignSchema } from '../config/campaign.ts';
import { readStoredSettings } from '../config/renamed-settings.ts';
import type { SettingChange } from '../config/settings.ts';
import type { CurriculumState } from '../methods/curriculum.ts';
import { type ActivitiesOf, type InputOf, returning, withoutFields } from './activity-contract.ts';
import type { Counts } from './counts.ts';
import type { EvaluationMetrics } from './evaluation-metrics.ts';
import { factSchema } from './facts.ts';
import { journalNoteSchema } from './journal.ts';
import type { StepComparison } from './replay-report.ts';

/** The activity that every worker except control answers, on a queue of its own. */
export interface AliveActivities {
  isAlive(): Promise<true>;
}

/** A finished step: the key of its manifest, and the counts that its caller needs. */
export interface StepDone {
  readonly manifest: Digest;
  readonly counts: Counts;
}

export interface OpenedCampaign {
  /** Blob of the whole resolved configuration. */
  readonly config: Digest;
  /** Blob of the training problems, a JSON line each. */
  readonly problems: Digest;
  /** Blob of the validation problems, of a campaign that has some. */
  readonly validation?: Digest;
  readonly problemCount: number;
}

export interface ChangedSettings {
  readonly config: Digest;
  readonly resolved: CampaignConfig;
  readonly changes: readonly SettingChange[];
}

/** From where a campaign goes on after an iteration that lost what an earlier one could do. */
export interface Rollback {
  /** The best iteration. */
  readonly to: number;
  readonly checkpoint: Digest;
  readonly reason: string;
}

export interface ResolvedModel {
  /** Tree of the checkpoint that the campaign starts from, before its warm-up. */
  readonly base: Digest;
}

/** The plan of one shard: the blob of a ShardPlan, and its size. */
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
  /** `sample.kept` and `sample.recomputed`: KV-cache hits and misses of continued rollouts, in this turn only. */
  readonly usage: Counts;
  /** Description of the sampler, e.g. `embedded onnxruntime-node 1.30.0, fp32`. */
  readonly sampledBy: string;
}

/** A step that continues when its part fails at a rollout. */
export interface LossyStep extends StepDone {
  /** The error message of one of these failures. */
  readonly cause?: string;
}

export interface ExecutedAgain extends LossyStep {
  /** Whether the step ran now; false if it was found in the store. */
  readonly isNew: boolean;
}

export interface Curated extends StepDone {
  /** No problem carries a signal, so there is no training set. */
  readonly isEmpty: boolean;
  /** Why an empty curation is empty, for people. */
  readonly explanation?: string;
}

/** How far the trainer's log-probs are from those of the sampler. */
export interface Probed {
  readonly counts: Counts;
}

export interface Trained extends StepDone {
  readonly checkpoint: Digest;
  readonly metrics: Counts;
}

export interface PreparedWarmUp {
  readonly manifest: Digest;
  /** Blobs of the demonstrations' snippets, which are executed for their outputs. */
  readonly batches: readonly Digest[];
}

export interface FailurePolicy {
  /** Share of an arm's rollouts that may be lost to infrastructure. */
  readonly infrastructure: number;
  readonly patienceMs: number;
  /** A person has accepted the losses, however many. */
  readonly isAccepted: boolean;
}

/** A request for an evaluation. Equal requests have equal workflow ids, so the second joins the first. */
export interface EvaluationRequest {
  readonly workflowId: string;
  readonly suite: string;
  readonly checkpoint: Digest;
  /** Blob of an EvaluationSpec. */
  readonly spec: Digest;
  /** How the evaluation handles failures. Not part of its id, since it does not change what is measured. */
  readonly failures: FailurePolicy;
}

export interface EvaluationDone extends StepDone {
  readonly metrics: EvaluationMetrics;
}

export interface OpenedReplay {
  /** Blob of a StoredIteration. */
  readonly plan: Digest;
  readonly shards: number;
  readonly patienceMs: number;
}

const index = z.int().min(0);
const settings = z.record(z.string(), z.unknown());
const curriculumState: z.ZodType<CurriculumState> = z.json();
/**
 * A part that makes no progress for this long counts as unavailable. In milliseconds; not part of a step's key.
 */
const patience = { patienceMs: index };
/** Whether failures of an earlier run are retried. Finished retries are reused in either case. */
const retry = { retriesFailed: z.boolean() };
/** Id of the replay, so that replays don't share records, and the blob of its plan. */
const replayStep = { replay: z.string(), plan: digest };

/** Control queue: short work in the process of the database and the workflows. */
export const controlContract = {
  openCampaign: returning<OpenedCampaign>().for(
    z.strictObject({
      campaignId: z.string(),
      config: z.preprocess((config) => readStoredSettings(config), campaignSchema),
    }),
  ),
  changeSettings: returning<ChangedSettings>().for(z.strictObject({ config: digest, settings })),
  planIteration: returning<IterationPlan>().for(
    z.strictObject({ iteration: index, config: digest, problems: digest, cursor: curriculumState }),
  ),
  /** `spec` is the blob of an EvaluationSpec. */
  planEvaluation: returning<SamplingPlan>().for(z.strictObject({ spec: digest })),
  /**
   * Evaluations that are due after an iteration; at the campaign's start and end (`isEnd`) all. `validation` is the blob of the validation problems.
   * Workflows of earlier versions don't say where they are, so that all suites are due.
   */
  describeEvaluations: returning<EvaluationRequest[]>().for(
    z.strictObject({
      config: digest,
      checkpoint: digest,
      validation: digest.exactOptional(),
      after: z.strictObject({ iteration: index, isEnd: z.boolean() }).default({ iteration: 0, isEnd: true }),
    }),
  ),
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
  /** The best iteration on the validation problems, where the given one is surely worse; else null. */
  findRollback: returning<Rollback | null>().for(z.strictObject({ campaignId: z.string(), iteration: index })),
  /** Collects the campaign's checkpoints; the newest `keepLast` always stay. */
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
      /** Manifests of the previous turn and of the executions that it requested; absent in turn 0. */
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
   * Retries the code of the turn's rollouts that ended as infrastructure. Without `mayRun` it only returns an earlier
   * retry, or null if there is none.
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
  /** Recomputes the log-probs of a shard's rollouts; `grades` is the manifest of its grades. No counts without a probe. */
  probeSampling: returning<Probed>().for(
    z.strictObject({ iteration: index, config: digest, checkpoint: digest, grades: digest, ...patience }),
  ),
  resolveModel: returning<ResolvedModel>().for(z.strictObject({ config: digest })),
  prepareWarmUp: returning<PreparedWarmUp>().for(z.strictObject({ config: digest, base: digest })),
  /** Manifests of the demonstrations and of their executed batches, in order. */
  warmUp: returning<Trained>().for(
    z.strictObject({
      config: digest,
      base: digest,
      demonstrations: digest,
      executions: z.array(digest).readonly(),
      /** Of the method `sft`; absent before the first iteration. */
      iteration: index.exactOptional(),
      ...patience,
    }),
  ),
  /** `curation` is the manifest of the iteration's curation. */
  trainIteration: returning<Trained>().for(
    z.strictObject({
      iteration: index,
      config: digest,
      checkpoint: digest,
      curation: digest,
      /** Checkpoint that the campaign started from; campaigns of earlier versions don't name it. */
      start: digest.optional(),
      ...patience,
    }),
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
export type FindRollbackInput = InputOf<typeof controlContract.findRollback>;
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
export type ProbeInput = InputOf<typeof trainContract.probeSampling>;
export type TrainInput = InputOf<typeof trainContract.trainIteration>;
