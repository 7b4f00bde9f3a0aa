/** Grades of a shard's rollouts, and all shards' grades together. */
import { outputOf, runStep } from '../src/artifacts/step.ts';
import type { ArtifactStore, Digest, Manifest } from '../src/artifacts/types.ts';
import type { DecisionPair } from '../src/em/prior.ts';
import { priorFromLogProbs } from '../src/em/prior.ts';
import type { ScoredSummary } from '../src/em/scored-rollout.ts';
import { readJsonLines, writeJsonLines } from '../src/formats/json-lines.ts';
import type { GradeResult } from '../src/grader/types.ts';
import type { RolloutSummary, RolloutTexts } from '../src/rollout/file.ts';
import { finalText } from '../src/rollout/segments.ts';
import type { Problem } from '../src/rollout/types.ts';
import type { PriorLine } from './sample.ts';
import { StepFailure } from './support/failure.ts';
import { countsOf, requireManifest } from './support/rollout-blobs.ts';
import type { StepContext } from './support/run-step.ts';
import { readJson, type ShardPlan } from './support/shard-plan.ts';
import type { GradeShardInput, ScoreInput, StepDone } from './types.ts';

const GRADE_STAGE = { stage: 'grade', version: 1 } as const;
const SCORE_STAGE = { stage: 'score', version: 1 } as const;

export interface GradeLine extends GradeResult {
  readonly id: string;
  /** For `grader-failed`: what the grader threw. */
  readonly cause?: string;
}

/** The grader as the score stage sees it. */
export interface Grading {
  /** Version and conventions: part of the step key. */
  readonly fingerprint: string;
  /** One grader a problem, its gold compiled once. */
  readonly graderOf: (problem: Problem) => (response: string) => GradeResult | Promise<GradeResult>;
}

// Grading shares a thread with the API and the workflows: it lets them in this often.
const BREATH_EVERY_MS = 50;

export async function gradeShard(
  store: ArtifactStore,
  grading: Grading,
  input: GradeShardInput,
  { report }: StepContext,
): Promise<StepDone> {
  const rollouts = await requireManifest(store, input.rollouts);
  const inputs = { plan: input.plan, rollouts: input.rollouts };
  const step = { ...GRADE_STAGE, inputs, config: { grader: grading.fingerprint }, seed: '' };
  const manifest = await runStep(store, step, async () => {
    const { problems } = await readJson<ShardPlan>(store, input.plan);
    const grade = cachedGraders(problems, grading);
    const summaries = await readLines<RolloutSummary>(store, rollouts, 'summary');
    const texts = new Map((await readLines<RolloutTexts>(store, rollouts, 'texts')).map((line) => [line.id, line]));
    const lines: GradeLine[] = [];
    let breath = Date.now();
    for (const [at, summary] of summaries.entries()) {
      if (summary.state !== 'completed') continue;
      const text = texts.get(summary.id);
      if (text === undefined) throw new Error(`rollout ${summary.id} has no text in ${rollouts.key}`);
      lines.push({ id: summary.id, ...(await grade(summary.problemId, finalText(text.segments))) });
      if (Date.now() - breath < BREATH_EVERY_MS) continue;
      report({ done: at, total: summaries.length, unit: 'grades' });
      await new Promise(setImmediate);
      breath = Date.now();
    }
    const counts: Record<string, number> = { graded: lines.length };
    for (const { verdict } of lines) counts[`grade.${verdict}`] = (counts[`grade.${verdict}`] ?? 0) + 1;
    return { outputs: { grades: await store.putBlob(writeJsonLines(lines)) }, facts: counts };
  });
  return { manifest: manifest.key, counts: countsOf(manifest) };
}

function cachedGraders(problems: readonly Problem[], grading: Grading) {
  const problemOf = new Map(problems.map((problem) => [problem.id, problem]));
  const graders = new Map<string, ReturnType<Grading['graderOf']>>();
  return (problemId: string, response: string): GradeResult | Promise<GradeResult> => {
    const problem = problemOf.get(problemId);
    if (problem === undefined) throw new Error(`a rollout answers problem ${problemId}, which its shard does not have`);
    const grader = graders.get(problemId) ?? grading.graderOf(problem);
    graders.set(problemId, grader);
    return grader(response);
  };
}

/** Joins the shards, and refuses a part: the counts must be those of the plan. */
export async function scoreRollouts(store: ArtifactStore, input: ScoreInput): Promise<StepDone> {
  const inputs = Object.fromEntries(input.shards.map((key, at) => [`${at}`, key]));
  const step = { ...SCORE_STAGE, inputs, config: { rolloutsPlanned: input.rolloutsPlanned }, seed: '' };
  const manifest = await runStep(store, step, async () => {
    const grades: GradeLine[] = [];
    const shards: Digest[] = [];
    const counts: Record<string, number> = {};
    let rollouts = 0;
    for (const key of input.shards) {
      const graded = await requireManifest(store, key);
      grades.push(...(await readLines<GradeLine>(store, graded, 'grades')));
      const shard = graded.step.inputs.rollouts;
      if (shard === undefined) throw new Error(`grades ${key} name no rollouts`);
      shards.push(shard);
      rollouts += countsOf(await requireManifest(store, shard)).rollouts ?? 0;
      for (const [name, value] of Object.entries(countsOf(graded))) counts[name] = (counts[name] ?? 0) + value;
    }
    if (rollouts !== input.rolloutsPlanned)
      throw new StepFailure('incomplete', `${rollouts} rollouts came back, ${input.rolloutsPlanned} were planned`);
    return {
      outputs: {
        grades: await store.putBlob(writeJsonLines(grades)),
        shards: await store.putBlob(Buffer.from(JSON.stringify(shards))),
      },
      facts: { ...counts, rollouts },
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

async function readLines<T>(store: ArtifactStore, manifest: Manifest, output: string): Promise<T[]> {
  return readJsonLines<T>(await store.readBlob(outputOf(manifest, output).digest), `${output} of ${manifest.key}`);
}
