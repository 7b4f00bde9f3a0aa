/** Sampling, execution and training done again, by the same steps over a store that compares. */
import type { ReplayShardInput, ReplayStepInput } from '../protocol/replay-activities.ts';
import type { StepComparison } from '../protocol/replay-report.ts';
import { type ExecuteDeps, executeFailed, executeTurn } from '../steps/execute.ts';
import { requireManifest } from '../steps/rollout-blobs.ts';
import { type SampleDeps, sampleTurn } from '../steps/sample.ts';
import type { StepContext } from '../steps/step-context.ts';
import { type TrainDeps, trainIteration } from '../steps/train.ts';
import { watchProgress } from '../steps/watch-progress.ts';
import { notStored, readReplayedShard, readReplayPlan, replayStep } from './replay-step.ts';

export async function replaySampling(
  deps: SampleDeps,
  input: ReplayShardInput,
  context: StepContext,
): Promise<StepComparison[]> {
  const { store } = deps;
  const { plan, shard } = await readReplayedShard(store, input);
  const { checkpoint, patienceMs } = plan;
  const compared: StepComparison[] = [];
  for (const [turn, original] of shard.turns.entries()) {
    const step = { stage: 'sample', step: `shard ${input.shard}, turn ${turn}`, original } as const;
    const { turn: before, executions } = (await requireManifest(store, original)).step.inputs;
    const previous = before === undefined || executions === undefined ? {} : { previous: { turn: before, executions } };
    const again = { checkpoint, plan: shard.plan, turn, patienceMs, ...previous };
    compared.push(
      await replayStep(store, input, step, (comparing) =>
        watchProgress(patienceMs, context, (watched) => sampleTurn({ ...deps, store: comparing }, again, watched)),
      ),
    );
  }
  return compared.length > 0 ? compared : [notStored('sample', `shard ${input.shard}`)];
}

export async function replayExecutions(
  deps: ExecuteDeps,
  input: ReplayShardInput,
  context: StepContext,
): Promise<StepComparison[]> {
  const { store } = deps;
  const { plan, shard } = await readReplayedShard(store, input);
  const { patienceMs } = plan;
  const compared: StepComparison[] = [];
  for (const [at, { turn, execution }] of shard.executions.entries()) {
    const step = { stage: 'execute', step: `shard ${input.shard}, turn ${at}`, original: execution } as const;
    compared.push(
      await replayStep(store, input, step, (comparing, original) =>
        watchProgress(patienceMs, context, async (watched): Promise<unknown> => {
          const again = { ...deps, store: comparing };
          return original?.step.stage === 'execute-failed'
            ? executeFailed(again, { turn, mayRun: true, patienceMs }, watched)
            : executeTurn(again, { turn, patienceMs }, watched);
        }),
      ),
    );
  }
  return compared;
}

export async function replayTraining(
  deps: TrainDeps,
  input: ReplayStepInput,
  context: StepContext,
): Promise<StepComparison[]> {
  const { store } = deps;
  const { iteration, config, checkpoint, curation, training, patienceMs } = await readReplayPlan(store, input);
  const set = curation === undefined ? undefined : (await requireManifest(store, curation)).outputs.trainingSet;
  if (curation === undefined || set === undefined) return [notStored('train', '')];
  const again = { iteration, config, checkpoint, curation, patienceMs };
  // A training that failed is done again all the same: whether it fails now is what a replay of it asks.
  return [
    await replayStep(store, input, { stage: 'train', step: '', original: training }, (comparing) =>
      watchProgress(patienceMs, context, (watched) => trainIteration({ ...deps, store: comparing }, again, watched)),
    ),
  ];
}
