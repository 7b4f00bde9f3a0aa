/** Runs the trainer in its own scratch folder: from a stored checkpoint to a new stored checkpoint. */
import { join } from 'node:path';
import { CancelledFailure } from '@temporalio/common';
import { StoredOutput } from '../artifacts/define-step.ts';
import type { ArtifactStore, Digest } from '../artifacts/types.ts';
import { passMemory, planOfOptions } from '../capacity/pass-memory.ts';
import { isKnownFamily, parseModelConfig } from '../models/model-config.ts';
import { readOptionalJson } from '../models/model-files.ts';
import type { Counts } from '../protocol/counts.ts';
import type { Tracker, TrainingRun } from '../tracking/tracker.ts';
import type { TrainerJob, TrainOptions } from '../trainer/job.ts';
import type { RunTrainerOptions } from '../trainer/launcher.ts';
import { inAttemptFolder } from '../trainer/training-folder.ts';
import type { TrainerEvent, TrainerOutcome, TrainingUpdate } from '../trainer/types.ts';
import type { StepContext } from './step-context.ts';
import { StepFailure } from './step-failure.ts';

export interface TrainerDeps {
  readonly store: ArtifactStore;
  /** Interpreter with the trainer's packages. */
  readonly python: string;
  /** Folder for scratch folders; each attempt has its own, so two trainers never write one. */
  readonly scratch: string;
  readonly runTrainer: (options: RunTrainerOptions) => Promise<TrainerOutcome>;
  /** Of a replay: tokens of a pass that the original training took, where its option is `auto`. */
  readonly passTokens?: number;
  /** Receives the metrics of every update. Optional. */
  readonly followers?: Required<Pick<Tracker, 'update'>>;
}

export interface TrainedCheckpoint {
  readonly checkpoint: StoredOutput;
  /** Metrics of the last update, and what the probe found. */
  readonly metrics: Counts;
  /** Metrics of every update. */
  readonly updates?: readonly TrainingUpdate[];
  /** Device, parameters, probe and early end, for people. */
  readonly information: Readonly<Record<string, unknown>>;
}

const SAVE_EVERY_MINUTES = 5;
/** Events that a step's information holds. */
const REPORTED: ReadonlySet<TrainerEvent['kind']> = new Set(['started', 'probe', 'resumed', 'stopped']);

/**
 * Trains on a stored training set. Resumes from the state that an earlier, interrupted attempt at the step saved.
 *
 * @throws StepFailure `trainer-refused`, `trainer-failed`, or `no-worker` if the trainer was killed
 */
export function trainCheckpoint(
  deps: TrainerDeps,
  job: {
    readonly step: Digest;
    readonly checkpoint: Digest;
    /** Model that the KL anchor holds the policy to, where it is not `checkpoint`. */
    readonly reference?: Digest | undefined;
    /** Writes the set to a path that does not exist. */
    readonly placeTrainingSet: (path: string) => Promise<void>;
    readonly options: TrainOptions;
    /** How often the training saves its state. An attempt after a kill resumes from it. */
    readonly saveEveryMinutes: number | undefined;
    /** Campaign and iteration of the training, for trackers. */
    readonly run?: TrainingRun;
  },
  context: StepContext,
): Promise<TrainedCheckpoint> {
  return inAttemptFolder(deps.scratch, job.step, async ({ path, resumeFrom }) => {
    const modelDirectory = await deps.store.materialiseTree(job.checkpoint);
    const { reference } = job;
    const referenceDirectory = reference === undefined ? undefined : await deps.store.materialiseTree(reference);
    const trainingSetFile = join(path, 'training-set.safetensors');
    await job.placeTrainingSet(trainingSetFile);
    return runJob(
      deps,
      path,
      {
        kind: 'train',
        modelDirectory,
        trainingSetFile,
        outputDirectory: join(path, 'checkpoint'),
        ...(await passesOf(deps, modelDirectory, job.options)),
        save: { directory: path, everySeconds: 60 * (job.saveEveryMinutes ?? SAVE_EVERY_MINUTES) },
        ...(resumeFrom === undefined ? {} : { resumeFrom }),
        ...(referenceDirectory === undefined ? {} : { referenceDirectory }),
      },
      context,
      job.run,
    );
  });
}

/** The options, and where the trainer is to choose the length of a pass what it can choose from. */
async function passesOf(
  { passTokens }: TrainerDeps,
  modelDirectory: string,
  options: TrainOptions,
): Promise<Pick<Extract<TrainerJob, { readonly kind: 'train' }>, 'options' | 'passMemory'>> {
  if (options.microBatchTokens !== 'auto') return { options };
  if (passTokens !== undefined) return { options: { ...options, microBatchTokens: passTokens } };
  const json = await readOptionalJson(modelDirectory, 'config.json');
  if (json === undefined || !isKnownFamily(json))
    throw new StepFailure(
      'trainer-refused',
      'train.microBatchTokens is auto, and the memory of this family of models is not known; set a number of tokens',
    );
  const model = parseModelConfig(json, modelDirectory);
  return { options, passMemory: passMemory(model, planOfOptions(options)) };
}

/** A fresh model, initialised from a seed. `prepare` fills the folder of tokenizer files that is copied next to it. */
export function createModel(
  deps: TrainerDeps,
  job: {
    readonly step: Digest;
    readonly config: Readonly<Record<string, unknown>>;
    readonly seed: number;
    readonly prepareTokenizer: (directory: string) => Promise<void>;
  },
  context: StepContext,
): Promise<TrainedCheckpoint> {
  return inAttemptFolder(deps.scratch, job.step, async ({ path }) => {
    const tokenizerDirectory = join(path, 'tokenizer');
    await job.prepareTokenizer(tokenizerDirectory);
    const { config, seed } = job;
    const outputDirectory = join(path, 'checkpoint');
    return runJob(deps, path, { kind: 'create-model', config, tokenizerDirectory, outputDirectory, seed }, context);
  });
}

/** A count that says that the loss corrects the mismatch of sampler and trainer; none without a correction. */
export const correctionOf = (ratio: TrainOptions['ratio']): Counts =>
  ratio?.truncate === undefined ? {} : { probe_corrected: 1 };

async function runJob(
  { store, python, runTrainer, followers }: TrainerDeps,
  workDirectory: string,
  job: Exclude<TrainerJob, { readonly kind: 'probe' }>,
  { signal, report }: StepContext,
  run?: TrainingRun,
): Promise<TrainedCheckpoint> {
  const information: Record<string, unknown> = {};
  let probed: Counts = {};
  const onEvent = (event: TrainerEvent): void => {
    if (event.kind === 'probe' && job.kind === 'train')
      probed = {
        probe_deviation: event.meanAbsDeviation,
        probe_tolerance: job.options.ratioTolerance ?? 0,
        ...correctionOf(job.options.ratio),
      };
    if (event.kind === 'started') report({ done: 0, total: event.updates, unit: 'updates' });
    if (event.kind === 'update' || event.kind === 'resumed')
      report({ done: event.update, total: event.of, unit: 'updates' });
    if (event.kind === 'update' && run !== undefined)
      void followers?.update(run, event.update, { loss: event.loss, ...event.metrics });
    if (REPORTED.has(event.kind)) information[event.kind] = event;
  };
  const onWait = (): void => report({ done: 0, total: 1, unit: 'updates' });
  const purpose = run === undefined ? job.kind : `${run.stage} of ${run.campaign}, iteration ${run.iteration}`;
  const outcome = requireDone(await runTrainer({ python, job, workDirectory, purpose, onEvent, onWait, signal }));
  // The check also covers a trainer that resumes from its own state: a training that changed nothing is a failure.
  if (job.kind === 'train' && outcome.updates === 0)
    throw new StepFailure('trainer-failed', 'the trainer ended after 0 updates, so it has learnt nothing; see its log');
  return {
    checkpoint: new StoredOutput(await store.adoptTree(job.outputDirectory)),
    metrics: { ...outcome.metrics, ...probed },
    ...(outcome.series === undefined ? {} : { updates: outcome.series }),
    information,
  };
}

/** @throws StepFailure `trainer-refused`, `trainer-failed`, or `no-worker` if the trainer was killed */
export function requireDone(outcome: TrainerOutcome): Extract<TrainerOutcome, { readonly kind: 'done' }> {
  switch (outcome.kind) {
    case 'done':
      return outcome;
    case 'refused':
      throw new StepFailure('trainer-refused', `${outcome.reason} ${JSON.stringify(outcome.details)}`);
    case 'failed':
      throw new StepFailure('trainer-failed', `${outcome.reason}\n${outcome.logTail}`);
    case 'killed':
      throw new StepFailure('no-worker', `the trainer was ended by ${outcome.signal}\n${outcome.logTail}`);
    case 'cancelled':
      throw new CancelledFailure('the training was cancelled');
  }
}
