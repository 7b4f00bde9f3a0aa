/** Replays sampling, execution and training: the same steps run over a comparing store. */
import { z } from 'zod';
import type { ReplayShardInput, ReplayStepInput } from '../protocol/activities.ts';
import type { StepComparison } from '../protocol/replay-report.ts';
import { curateStep } from '../steps/curate.ts';
import { type ExecuteDeps, executeFailed, executeFailedStep, executeTurn } from '../steps/execute.ts';
import type { TrainerDeps } from '../steps/run-training.ts';
import { sampleStep } from '../steps/sample.ts';
import { type SampleDeps, sampleTurn } from '../steps/sample-turn.ts';
import type { StepContext } from '../steps/step-context.ts';
import { trainIteration, trainStep } from '../steps/train.ts';
import { watchProgress } from '../steps/watch-progress.ts';
import { notStored, readReplayedShard, readReplayPlan, replayStep } from './replay-step.ts';

const startedSchema = z.object({ started: z.object({ microBatchTokens: z.int().positive() }) });

/** What the trainer said of its passes; nothing in trainings of earlier versions. */
const passTokensOf = (information: unknown): number | undefined =>
  startedSchema.safeParse(information).data?.started.microBatchTokens;

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
    const { turn: before, executions } = (await sampleStep.read(store, original)).inputs;
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
          return original !== undefined && executeFailedStep.accepts(original)
            ? executeFailed(again, { turn, mayRun: true, patienceMs }, watched)
            : executeTurn(again, { turn, patienceMs }, watched);
        }),
      ),
    );
  }
  return compared;
}

export async function replayTraining(
  { followers: _, ...deps }: TrainerDeps,
  input: ReplayStepInput,
  context: StepContext,
): Promise<StepComparison[]> {
  const { store } = deps;
  const { iteration, config, checkpoint, curation, training, patienceMs } = await readReplayPlan(store, input);
  if (curation === undefined) return [notStored('train', '')];
  if ((await curateStep.read(store, curation)).outputs.trainingSet === undefined) return [notStored('train', '')];
  const start = training === undefined ? undefined : (await trainStep.read(store, training)).inputs.reference;
  const again = { iteration, config, checkpoint, curation, patienceMs, ...(start === undefined ? {} : { start }) };
  // A failed training is replayed too, to see whether it fails again.
  return [
    await replayStep(store, input, { stage: 'train', step: '', original: training }, (comparing, original) => {
      const passTokens = passTokensOf(original?.information);
      const parts = { ...deps, store: comparing, ...(passTokens === undefined ? {} : { passTokens }) };
      return watchProgress(patienceMs, context, (watched) => trainIteration(parts, again, watched));
    }),
  ];
}
