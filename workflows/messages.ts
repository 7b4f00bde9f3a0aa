/** The signals, queries and updates of the workflows. Clients import this file; it imports no workflow code. */
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type {
  CampaignView,
  ExtendRequest,
  IterationProgress,
  Request,
  RetryRequest,
  SettingsChange,
  SettingsRequest,
  StopRequest,
} from '../src/protocol/campaign-messages.ts';
import type { ReplayProgress } from '../src/protocol/replay-messages.ts';

export const statusQuery = defineQuery<CampaignView>('status');
export const progressQuery = defineQuery<IterationProgress>('progress');
export const replayProgressQuery = defineQuery<ReplayProgress>('replay-progress');

/** Starts no further step; running ones finish and are kept. A campaign forwards it to all its children. */
export const pauseSignal = defineSignal<[Request]>('pause');
export const resumeSignal = defineSignal<[Request]>('resume');
export const stopSignal = defineSignal<[StopRequest]>('stop');
/** Sent by an iteration to its campaign. */
export const progressSignal = defineSignal<[IterationProgress]>('progress-made');

/** Plans more iterations; answers with the new total. */
export const extendUpdate = defineUpdate<{ iterationsPlanned: number }, [ExtendRequest]>('extend');
/** Changes hyper-parameters from the next iteration on. */
export const changeSettingsUpdate = defineUpdate<SettingsChange, [SettingsRequest]>('changeSettings');
/** For a blocked campaign: repeats what failed, with other settings if given. Finished steps are not repeated. */
export const retryIterationUpdate = defineUpdate<void, [RetryRequest]>('retryIteration');
/** For a campaign blocked by too many rollouts lost to infrastructure: continues without them. */
export const acceptFailuresUpdate = defineUpdate<void, [Request]>('acceptFailures');
/** For a blocked campaign: ends it as failed; the head stays unchanged. */
export const abortIterationUpdate = defineUpdate<void, [Request]>('abortIteration');
