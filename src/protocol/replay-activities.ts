/** What the replay workflow and its activities say to each other: a step's work again, compared with what is stored of it. */
import type { Digest } from '../artifacts/types.ts';
import type { Settings } from '../config/settings.ts';
import type { StepComparison } from './replay-report.ts';

export interface OpenReplayInput {
  readonly campaignId: string;
  readonly iteration: number;
  readonly settings: Settings;
}

export interface OpenedReplay {
  /** Blob of what is stored of the iteration. */
  readonly plan: Digest;
  readonly shards: number;
  readonly patienceMs: number;
}

export interface ReplayStepInput {
  /** Which replay: what one has done again, another does not take for its own. */
  readonly replay: string;
  readonly plan: Digest;
}

export interface ReplayShardInput extends ReplayStepInput {
  readonly shard: number;
}

/** On the control queue. */
export interface ControlReplay {
  openReplay(input: OpenReplayInput): Promise<OpenedReplay>;
  replayGrades(input: ReplayShardInput): Promise<StepComparison[]>;
  replayScore(input: ReplayStepInput): Promise<StepComparison[]>;
  replayCuration(input: ReplayStepInput): Promise<StepComparison[]>;
  /** Shards whose stored turns, executions or grades are damaged. */
  findDamage(input: ReplayStepInput): Promise<number[]>;
}

/** On the queues of their parts. */
export interface SampleReplay {
  replaySampling(input: ReplayShardInput): Promise<StepComparison[]>;
}
export interface SandboxReplay {
  replayExecutions(input: ReplayShardInput): Promise<StepComparison[]>;
}
export interface TrainReplay {
  replayTraining(input: ReplayStepInput): Promise<StepComparison[]>;
}
