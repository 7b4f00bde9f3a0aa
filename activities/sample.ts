/** The sample queue's activities. */
import type { SampleActivities } from '../src/protocol/activities.ts';
import { replayShardInput, sampleTurnInput } from '../src/protocol/activity-inputs.ts';
import type { SampleReplay } from '../src/protocol/replay-activities.ts';
import { replaySampling } from '../src/replay/redo-parts.ts';
import { type SampleDeps, sampleTurn } from '../src/steps/sample-turn.ts';
import { runActivity } from './run-activity.ts';

export function createSampleActivities(deps: SampleDeps): SampleActivities & SampleReplay {
  return {
    sampleTurn: runActivity(sampleTurnInput, (input, context) => sampleTurn(deps, input, context)),
    replaySampling: runActivity(replayShardInput, (input, context) => replaySampling(deps, input, context)),
  };
}
