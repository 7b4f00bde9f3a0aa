/** Sampling, execution and training done again, by the same activities over a store that compares. */

import { replayShardInput, replayStepInput } from '../src/protocol/activity-inputs.ts';
import type { SampleReplay, SandboxReplay, TrainReplay } from '../src/protocol/replay-activities.ts';
import type { StepComparison } from '../src/protocol/replay-report.ts';
import { requireManifest } from '../src/steps/rollout-blobs.ts';
import { createSandboxActivities, type ExecuteDeps } from './execute.ts';
import { notStored, readReplayedShard, readReplayPlan, replayStep } from './replay.ts';
import { createSampleActivities, type SampleDeps } from './sample.ts';
import { runActivity } from './support/run-step.ts';
import { createTrainActivities, type TrainDeps } from './train.ts';

export function createSampleReplay(deps: SampleDeps): SampleReplay {
  const { store } = deps;
  return {
    replaySampling: runActivity(replayShardInput, async (input) => {
      const { plan, shard } = await readReplayedShard(store, input);
      const compared: StepComparison[] = [];
      for (const [turn, original] of shard.turns.entries()) {
        const step = { stage: 'sample', step: `shard ${input.shard}, turn ${turn}`, original } as const;
        const { turn: before, executions } = (await requireManifest(store, original)).step.inputs;
        const previous =
          before === undefined || executions === undefined ? {} : { previous: { turn: before, executions } };
        const { checkpoint, patienceMs } = plan;
        compared.push(
          await replayStep(store, input, step, (comparing) =>
            createSampleActivities({ ...deps, store: comparing }).sampleTurn({
              checkpoint,
              plan: shard.plan,
              turn,
              patienceMs,
              ...previous,
            }),
          ),
        );
      }
      return compared.length > 0 ? compared : [notStored('sample', `shard ${input.shard}`)];
    }),
  };
}

export function createSandboxReplay(deps: ExecuteDeps): SandboxReplay {
  const { store } = deps;
  return {
    replayExecutions: runActivity(replayShardInput, async (input) => {
      const { plan, shard } = await readReplayedShard(store, input);
      const { patienceMs } = plan;
      const compared: StepComparison[] = [];
      for (const [at, { turn, execution }] of shard.executions.entries()) {
        const step = { stage: 'execute', step: `shard ${input.shard}, turn ${at}`, original: execution } as const;
        compared.push(
          await replayStep(store, input, step, (comparing, original) => {
            const activities = createSandboxActivities({ ...deps, store: comparing });
            return original?.step.stage === 'execute-failed'
              ? activities.executeFailed({ turn, mayRun: true, patienceMs })
              : activities.executeTurn({ turn, patienceMs });
          }),
        );
      }
      return compared;
    }),
  };
}

export function createTrainReplay(deps: TrainDeps): TrainReplay {
  const { store } = deps;
  return {
    replayTraining: runActivity(replayStepInput, async (input) => {
      const { iteration, config, checkpoint, curation, training, patienceMs } = await readReplayPlan(store, input);
      const set = curation === undefined ? undefined : (await requireManifest(store, curation)).outputs.trainingSet;
      if (curation === undefined || set === undefined) return [notStored('train', '')];
      // A training that has failed is done again all the same: whether it would now is what a replay of it asks.
      return [
        await replayStep(store, input, { stage: 'train', step: '', original: training }, (comparing) =>
          createTrainActivities({ ...deps, store: comparing }).trainIteration({
            iteration,
            config,
            checkpoint,
            curation,
            patienceMs,
          }),
        ),
      ];
    }),
  };
}
