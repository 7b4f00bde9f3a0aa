/** The train queue's activities. */
import { type TrainActivities, trainContract } from '../src/protocol/activities.ts';
import { replayTraining } from '../src/replay/redo-parts.ts';
import { type ModelDeps, resolveModel } from '../src/steps/create-model.ts';
import { prepareWarmUp } from '../src/steps/demonstrations.ts';
import { probeSampling } from '../src/steps/probe-sampling.ts';
import { trainIteration } from '../src/steps/train.ts';
import { type WarmUpDeps, warmUp } from '../src/steps/warm-up.ts';
import { implementActivities } from './run-activity.ts';

export interface TrainDeps extends ModelDeps, WarmUpDeps {}

export const createTrainActivities = (deps: TrainDeps): TrainActivities =>
  implementActivities(trainContract, {
    resolveModel: (input, context) => resolveModel(deps, input, context),
    prepareWarmUp: (input) => prepareWarmUp(deps.store, input),
    warmUp: (input, context) => warmUp(deps, input, context),
    probeSampling: (input, context) => probeSampling(deps, input, context),
    trainIteration: (input, context) => trainIteration(deps, input, context),
    replayTraining: (input, context) => replayTraining(deps, input, context),
  });
