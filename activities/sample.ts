/** The sample queue's activities. */
import { type SampleActivities, sampleContract } from '../src/protocol/activities.ts';
import { replaySampling } from '../src/replay/redo-parts.ts';
import { type SampleDeps, sampleTurn } from '../src/steps/sample-turn.ts';
import { implementActivities } from './run-activity.ts';

export const createSampleActivities = (deps: SampleDeps): SampleActivities =>
  implementActivities(sampleContract, {
    sampleTurn: (input, context) => sampleTurn(deps, input, context),
    replaySampling: (input, context) => replaySampling(deps, input, context),
  });
