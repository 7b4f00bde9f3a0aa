/** Rollouts of an iteration or of an evaluation in the artifact store: they are not in the database. */
import { requireManifest, type StepOutput } from '../artifacts/define-step.ts';
import { StoreError, type StoreErrorCode } from '../artifacts/store-error.ts';
import type { ArtifactStore, Digest } from '../artifacts/types.ts';
import type { EvaluationView, IterationView } from '../db/views.ts';
import type { Conventions } from '../grader/options.ts';
import type { DecisionPair } from '../methods/prior.ts';
import type { RolloutSummary, RolloutTexts } from '../rollout/file.ts';
import type { Problem } from '../rollout/types.ts';
import { openEvaluation, type StoredEvaluation } from '../steps/evaluate.ts';
import { planStep } from '../steps/plan.ts';
import { type SampledStep, sampleStep } from '../steps/sample.ts';
import { scoreStep } from '../steps/score.ts';
import type { GradeLine } from '../steps/score-attempts.ts';
import { readGrades } from '../steps/settle.ts';
import { LatestValues, ParsedOutputs } from './parsed-blobs.ts';
import { UseCaseError } from './use-case-error.ts';

/** What rollouts were sampled for. */
export type RolloutOrigin = { readonly iteration: number } | { readonly evaluation: string };

export interface Shard {
  readonly summaries: readonly RolloutSummary[];
  /** By id of the rollout. */
  readonly grades: ReadonlyMap<string, GradeLine>;
  readonly readTexts: (rolloutId: string) => Promise<RolloutTexts>;
  /** log π(g_c|x) of both prefixes by problem. */
  readonly readPrefixLogProbs: () => Promise<ReadonlyMap<string, DecisionPair>>;
}

export interface RolloutSource {
  readonly of: RolloutOrigin;
  /** By id. Empty before an iteration is planned. */
  readonly problems: ReadonlyMap<string, Problem>;
  /** Conventions of grading that differ from the defaults. */
  readonly grading: Partial<Conventions> | undefined;
  /** In the order in which they are listed. */
  readonly shards: readonly (() => Promise<Shard>)[];
}

/** An evaluation with results: only a finished one has them. */
export interface FinishedEvaluation extends EvaluationView {
  readonly manifest: Digest;
}

export class RolloutSources {
  readonly #store: ArtifactStore;
  // Lists read every summary and grade, about 200 bytes per rollout, but only the texts of the shown page.
  readonly #outputs = new ParsedOutputs(512);
  readonly #texts = new LatestValues<ReadonlyMap<string, RolloutTexts>>(8);
  readonly #evaluations = new LatestValues<StoredEvaluation>(16);

  constructor(store: ArtifactStore) {
    this.#store = store;
  }

  /** @throws UseCaseError `not-found` if the store has lost a part of it */
  async ofIteration(iteration: IterationView): Promise<RolloutSource> {
    const keyOf = (stage: 'plan' | 'score') => iteration.stages.find((item) => item.stage === stage)?.manifest;
    const [plan, score] = [keyOf('plan'), keyOf('score')];
    const scored =
      score === undefined ? new Map() : await this.#byId((await this.#read(scoreStep, score)).outputs.grades);
    const config = plan === undefined ? undefined : (await this.#read({ read: requireManifest }, plan)).step.config;
    return {
      of: { iteration: iteration.iteration },
      problems: plan === undefined ? new Map() : await this.#byId((await this.#read(planStep, plan)).outputs.problems),
      grading: (config as { readonly grading?: Partial<Conventions> } | null | undefined)?.grading,
      shards: iteration.shardManifests.map((key) => () => this.#openShard(key, scored)),
    };
  }

  /** @throws UseCaseError `not-found` if the store has lost a part of it */
  async ofEvaluation({ id, manifest }: FinishedEvaluation): Promise<RolloutSource> {
    const { score, shards, plans } = await this.evaluation(manifest);
    const grades = await this.#byId((await this.#read(scoreStep, score)).outputs.grades);
    return {
      of: { evaluation: id },
      problems: new Map(plans.flatMap(({ problems }) => problems.map((problem) => [problem.id, problem] as const))),
      grading: plans[0]?.grading,
      shards: shards.map((shard) => () => this.#shardOf(shard, grades)),
    };
  }

  evaluation(manifest: Digest): Promise<StoredEvaluation> {
    return this.#evaluations.get(manifest, () =>
      this.#read({ read: (store, key) => openEvaluation(store, key) }, manifest),
    );
  }

  /** Keys come from the database, as text. */
  async #read<Step>(
    of: { readonly read: (store: ArtifactStore, key: Digest) => Promise<Step> },
    key: string,
  ): Promise<Step> {
    try {
      return await of.read(this.#store, key as Digest);
    } catch (error) {
      if (!(error instanceof StoreError) || error.code !== 'step-missing') throw error;
      throw new UseCaseError('not-found', error.message);
    }
  }

  /** A shard's fact names its last turn, or the grades of that turn. Missing grades come from the score stage. */
  async #openShard(key: string, scored: ReadonlyMap<string, GradeLine>): Promise<Shard> {
    const manifest = await this.#read({ read: requireManifest }, key);
    if (sampleStep.accepts(manifest)) return await this.#shardOf(sampleStep.open(this.#store, manifest), scored);
    const graded = await this.#read({ read: readGrades }, key);
    const turn = await this.#read(sampleStep, graded.inputs.rollouts);
    return await this.#shardOf(turn, await this.#byId(graded.outputs.grades));
  }

  async #shardOf({ outputs }: SampledStep, grades: ReadonlyMap<string, GradeLine>): Promise<Shard> {
    return {
      summaries: await this.#outputs.lines(outputs.summary),
      grades,
      readTexts: async (id) => {
        const { texts } = outputs;
        const byId = await this.#texts.get(texts.digest, async () => byIdOf(await texts.read()));
        return byId.get(id) ?? { id, segments: [], blocks: [] };
      },
      readPrefixLogProbs: async () =>
        new Map((await this.#outputs.lines(outputs.prior)).map((line) => [line.problemId, line.logProbs])),
    };
  }

  async #byId<T extends { readonly id: string }>(output: StepOutput<T[]>): Promise<ReadonlyMap<string, T>> {
    return byIdOf(await this.#outputs.lines(output));
  }
}

const byIdOf = <T extends { readonly id: string }>(lines: readonly T[]): ReadonlyMap<string, T> =>
  new Map(lines.map((line) => [line.id, line]));

/** Undefined for what the store has lost: what is left is shown without it. */
export const orUndefined = <T>(reading: Promise<T>): Promise<T | undefined> =>
  reading.catch((error: unknown) => {
    if (error instanceof UseCaseError && error.code === 'not-found') return undefined;
    if (error instanceof StoreError && LOST.has(error.code)) return undefined;
    throw error;
  });

const LOST: ReadonlySet<StoreErrorCode> = new Set(['blob-missing', 'step-missing']);
