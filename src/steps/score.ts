/** All shards' grades together, and what curation and evaluation read of them. */
import { outputOf, runStep } from '../artifacts/step.ts';
import type { ArtifactStore, Digest, Manifest } from '../artifacts/types.ts';
import { writeJsonLines } from '../formats/json-lines.ts';
import type { DecisionPair } from '../methods/prior.ts';
import { priorFromLogProbs } from '../methods/prior.ts';
import type { ScoredSummary } from '../methods/scored-rollout.ts';
import type { ScoreInput, StepDone } from '../protocol/activities.ts';
import { type Counts, sumCounts } from '../protocol/counts.ts';
import type { RolloutSummary } from '../rollout/file.ts';
import type { GradeLine } from './grade.ts';
import { countsOf, readLines, requireManifest } from './rollout-blobs.ts';
import type { PriorLine } from './sample.ts';
import { readJson } from './shard-plan.ts';
import { StepFailure } from './step-failure.ts';

const SCORE_STAGE = { stage: 'score', version: 1 } as const;

/** Joins the shards, and refuses a part: the counts must be those of the plan. */
export async function scoreRollouts(store: ArtifactStore, input: ScoreInput): Promise<StepDone> {
  const inputs = Object.fromEntries(input.shards.map((key, at) => [`${at}`, key]));
  const step = { ...SCORE_STAGE, inputs, config: { rolloutsPlanned: input.rolloutsPlanned }, seed: '' };
  const manifest = await runStep(store, step, async () => {
    const grades: GradeLine[] = [];
    const shards: Digest[] = [];
    const counts: Counts[] = [];
    let rollouts = 0;
    for (const key of input.shards) {
      const graded = await requireManifest(store, key);
      grades.push(...(await readLines<GradeLine>(store, graded, 'grades')));
      const shard = graded.step.inputs.rollouts;
      if (shard === undefined) throw new Error(`grades ${key} name no rollouts`);
      shards.push(shard);
      rollouts += countsOf(await requireManifest(store, shard)).rollouts ?? 0;
      counts.push(countsOf(graded));
    }
    if (rollouts !== input.rolloutsPlanned)
      throw new StepFailure('incomplete', `${rollouts} rollouts came back, ${input.rolloutsPlanned} were planned`);
    return {
      outputs: {
        grades: await store.putBlob(writeJsonLines(grades)),
        shards: await store.putBlob(Buffer.from(JSON.stringify(shards))),
      },
      facts: { ...sumCounts(counts), rollouts },
    };
  });
  return { manifest: manifest.key, counts: countsOf(manifest) };
}

export interface Scored {
  readonly summaries: readonly ScoredSummary[];
  readonly priors: ReadonlyMap<string, DecisionPair>;
  /** Manifests of the last turns: where the tokens are. */
  readonly shards: readonly Manifest[];
}

/** What curation and evaluation work on: summaries with their grades, and the prior of every problem. */
export async function readScored(store: ArtifactStore, score: Manifest): Promise<Scored> {
  const grades = new Map((await readLines<GradeLine>(store, score, 'grades')).map((line) => [line.id, line]));
  const keys = await readJson<Digest[]>(store, outputOf(score, 'shards').digest);
  const summaries: ScoredSummary[] = [];
  const priors = new Map<string, DecisionPair>();
  const shards: Manifest[] = [];
  for (const key of keys) {
    const shard = await requireManifest(store, key);
    shards.push(shard);
    for (const summary of await readLines<RolloutSummary>(store, shard, 'summary'))
      summaries.push(withGrade(summary, grades.get(summary.id)));
    for (const { problemId, logProbs } of await readLines<PriorLine>(store, shard, 'prior'))
      priors.set(problemId, priorFromLogProbs(logProbs));
  }
  return { summaries, priors, shards };
}

function withGrade(summary: RolloutSummary, line: GradeLine | undefined): ScoredSummary {
  if (line === undefined) return summary;
  const { verdict, reason, answer } = line;
  return { ...summary, grade: verdict, gradeReason: reason, ...(answer === undefined ? {} : { answer }) };
}
