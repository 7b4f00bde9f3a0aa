/** The signals, queries and updates of the workflows. Clients import this file; it pulls no workflow code. */
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

/** Begins no further step; what is in flight is finished and kept. A campaign passes it on to all that works for it. */
export const pauseSignal = defineSignal<[Request]>('pause');
export const resumeSignal = defineSignal<[Request]>('resume');
export const stopSignal = defineSignal<[StopRequest]>('stop');
/** From an iteration to its campaign. */
export const progressSignal = defineSignal<[IterationProgress]>('progress-made');

/** Plans more iterations; answers with the new total. */
export const extendUpdate = defineUpdate<{ iterationsPlanned: number }, [ExtendRequest]>('extend');
/** Changes hyper-parameters from the next iteration on. */
export const changeSettingsUpdate = defineUpdate<SettingsChange, [SettingsRequest]>('changeSettings');
/** Of a blocked campaign: does what failed once more, with other settings if given (steps that are done are not repeated). */
export const retryIterationUpdate = defineUpdate<void, [RetryRequest]>('retryIteration');
/** Of a campaign that is blocked since too many rollouts were lost to infrastructure: goes on without them. */
export const acceptFailuresUpdate = defineUpdate<void, [Request]>('acceptFailures');
/** Of a blocked campaign: ends it as failed; the head stays what it was. */
export const abortIterationUpdate = defineUpdate<void, [Request]>('abortIteration');
