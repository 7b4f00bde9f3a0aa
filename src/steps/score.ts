/** The stage `score`: joins the grades of all shards. Curation, evaluation and what-if read its outputs here. */
import { z } from 'zod';
import { json, jsonLines } from '../artifacts/codecs.ts';
import { defineStep, StoredOutput } from '../artifacts/define-step.ts';
import { digestSchema, listedInputs, listInputs } from '../artifacts/step-inputs.ts';
import type { ArtifactStore, Digest } from '../artifacts/types.ts';
import type { DecisionPair } from '../methods/prior.ts';
import type { ScoredSummary } from '../methods/scored-rollout.ts';
import type { ScoreInput, StepDone } from '../protocol/activities.ts';
import { type Counts, sumCounts } from '../protocol/counts.ts';
import type { RolloutSummary } from '../rollout/file.ts';
import { type PriorLine, type SampledStep, sampleStep } from './sample.ts';
import type { GradeLine } from './score-attempts.ts';
import { readGrades } from './settle.ts';
import { countsSchema, stepDoneOf } from './step-facts.ts';
import { StepFailure } from './step-failure.ts';

export const scoreStep = defineStep({
  stage: 'score',
  version: 1,
  /** Manifests of the shards' grades. */
  inputs: listedInputs,
  outputs: {
    grades: jsonLines<GradeLine>(),
    /** Manifests of the shards' last turns. */
    shards: json(z.array(digestSchema)),
  },
  facts: countsSchema,
});

/** Joins the shards. The counts must be those of the plan: an incomplete set fails. */
export async function scoreRollouts(store: ArtifactStore, input: ScoreInput): Promise<StepDone> {
  const at = { inputs: listInputs(input.shards), config: { rolloutsPlanned: input.rolloutsPlanned } };
  const done = await scoreStep.run(store, at, async () => {
    // Lines follow lines: an iteration's grades need no parsing, which would keep the API waiting.
    const grades: Buffer[] = [];
    const shards: Digest[] = [];
    const counts: Counts[] = [];
    let rollouts = 0;
    for (const key of input.shards) {
      const graded = await readGrades(store, key);
      grades.push(await store.readBlob(graded.outputs.grades.digest));
      const shard = graded.inputs.rollouts;
      shards.push(shard);
      rollouts += (await sampleStep.read(store, shard)).facts.rollouts;
      counts.push(graded.facts.counts);
    }
    if (rollouts !== input.rolloutsPlanned)
      throw new StepFailure('incomplete', `${rollouts} rollouts came back, ${input.rolloutsPlanned} were planned`);
    const joined = new StoredOutput(await store.putBlob(Buffer.concat(grades)));
    return { outputs: { grades: joined, shards }, facts: { ...sumCounts(counts), rollouts } };
  });
  return stepDoneOf(done);
}

/** Reads the input of curation, evaluation and what-if: summaries with their grades, and the scores of both prefixes. */
export interface Scored {
  readonly summaries: readonly ScoredSummary[];
  /** log π(g_c|x) of both prefixes by problem. */
  readonly prefixLogProbs: ReadonlyMap<string, DecisionPair>;
}

/** Also returns the last turns, which hold the tokens. */
export async function readScored(
  store: ArtifactStore,
  score: Digest,
): Promise<Scored & { readonly shards: readonly SampledStep[] }> {
  const { outputs } = await scoreStep.read(store, score);
  const shards = await readShards(store, outputs);
  const parts = [];
  for (const { outputs } of shards)
    parts.push({ summary: await outputs.summary.read(), prior: await outputs.prior.read() });
  return { ...joinScored(await outputs.grades.read(), parts), shards };
}

/** The shards' last turns. */
export async function readShards(
  store: ArtifactStore,
  { shards }: Awaited<ReturnType<typeof scoreStep.read>>['outputs'],
): Promise<SampledStep[]> {
  const read: SampledStep[] = [];
  for (const key of await shards.read()) read.push(await sampleStep.read(store, key));
  return read;
}

/** From the outputs of the score and of the shards' last turns. */
export function joinScored(
  grades: readonly GradeLine[],
  shards: readonly { readonly summary: readonly RolloutSummary[]; readonly prior: readonly PriorLine[] }[],
): Scored {
  const gradeOf = new Map(grades.map((line) => [line.id, line]));
  const summaries: ScoredSummary[] = [];
  const prefixLogProbs = new Map<string, DecisionPair>();
  for (const { summary, prior } of shards) {
    for (const line of summary) summaries.push(withGrade(line, gradeOf.get(line.id)));
    for (const { problemId, logProbs } of prior) prefixLogProbs.set(problemId, logProbs);
  }
  return { summaries, prefixLogProbs };
}

function withGrade(summary: RolloutSummary, line: GradeLine | undefined): ScoredSummary {
  if (line === undefined) return summary;
  const { verdict, reason, answer } = line;
  return { ...summary, grade: verdict, gradeReason: reason, ...(answer === undefined ? {} : { answer }) };
}
