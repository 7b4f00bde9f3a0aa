/** The train queue's activities. */
import type { TrainActivities } from '../src/protocol/activities.ts';
import {
  prepareWarmUpInput,
  replayStepInput,
  resolveModelInput,
  trainInput,
  warmUpInput,
} from '../src/protocol/activity-inputs.ts';
import type { TrainReplay } from '../src/protocol/replay-activities.ts';
import { replayTraining } from '../src/replay/redo-parts.ts';
import { type ModelDeps, resolveModel } from '../src/steps/create-model.ts';
import { prepareWarmUp } from '../src/steps/demonstrations.ts';
import { trainIteration } from '../src/steps/train.ts';
import { type WarmUpDeps, warmUp } from '../src/steps/warm-up.ts';
import { runActivity } from './run-activity.ts';

export interface TrainDeps extends ModelDeps, WarmUpDeps {}

export function createTrainActivities(deps: TrainDeps): TrainActivities & TrainReplay {
  return {
    resolveModel: runActivity(resolveModelInput, (input, context) => resolveModel(deps, input, context)),
    prepareWarmUp: runActivity(prepareWarmUpInput, (input) => prepareWarmUp(deps.store, input)),
    warmUp: runActivity(warmUpInput, (input, context) => warmUp(deps, input, context)),
    trainIteration: runActivity(trainInput, (input, context) => trainIteration(deps, input, context)),
    replayTraining: runActivity(replayStepInput, (input, context) => replayTraining(deps, input, context)),
  };
}
