/** Replays grading, score and curation. */
import { requireManifest } from '../artifacts/define-step.ts';
import type { ArtifactStore, Digest } from '../artifacts/types.ts';
import type { ReplayShardInput, ReplayStepInput } from '../protocol/activities.ts';
import type { StepComparison } from '../protocol/replay-report.ts';
import type { Grading } from '../scoring/rules-scorer.ts';
import { curateIteration } from '../steps/curate.ts';
import { gradeShard, gradeStep } from '../steps/grade.ts';
import { scoreRollouts } from '../steps/score.ts';
import { settleStep } from '../steps/settle.ts';
import type { StepContext } from '../steps/step-context.ts';
import { notStored, readReplayedShard, readReplayPlan, replayStep } from './replay-step.ts';

export async function replayGrades(
  store: ArtifactStore,
  grading: Grading,
  input: ReplayShardInput,
  context: StepContext,
): Promise<StepComparison[]> {
  const { shard } = await readReplayedShard(store, input);
  const name = { stage: 'score', step: `shard ${input.shard}` } as const;
  const rollouts = shard.turns.at(-1);
  if (shard.grades === undefined || rollouts === undefined) return [notStored(name.stage, name.step)];
  const original = await gradedByRules(store, shard.grades);
  // Failed gradings are retried if the original step was a retry.
  const retriesFailed = (await gradeStep.read(store, original)).inputs.earlier !== undefined;
  const grades = { plan: shard.plan, rollouts, retriesFailed };
  return [
    await replayStep(store, input, { ...name, original }, (comparing) =>
      gradeShard(comparing, grading, grades, context),
    ),
  ];
}

/** Follows settled grades back to the grades by the rules, which are the ones that are graded again. */
async function gradedByRules(store: ArtifactStore, grades: Digest): Promise<Digest> {
  const stored = await requireManifest(store, grades);
  return settleStep.accepts(stored) ? gradedByRules(store, settleStep.open(store, stored).inputs.grades) : grades;
}

export async function replayScore(store: ArtifactStore, input: ReplayStepInput): Promise<StepComparison[]> {
  const { shards, score } = await readReplayPlan(store, input);
  if (score === undefined) return [notStored('score', 'all shards')];
  const graded = shards.flatMap(({ grades }) => grades ?? []);
  const rolloutsPlanned = shards.reduce((sum, { rollouts }) => sum + rollouts, 0);
  return [
    await replayStep(store, input, { stage: 'score', step: 'all shards', original: score }, (comparing) =>
      scoreRollouts(comparing, { shards: graded, rolloutsPlanned }),
    ),
  ];
}

export async function replayCuration(store: ArtifactStore, input: ReplayStepInput): Promise<StepComparison[]> {
  const { iteration, config, score, curation } = await readReplayPlan(store, input);
  if (score === undefined || curation === undefined) return [notStored('curate', '')];
  return [
    await replayStep(store, input, { stage: 'curate', step: '', original: curation }, (comparing) =>
      curateIteration(comparing, { iteration, config, score }),
    ),
  ];
}
