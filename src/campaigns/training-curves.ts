/** What trainings earned and measured: accuracy of their rollouts by arm, and the metrics of every update. */
import type { ArtifactStore, Digest } from '../artifacts/types.ts';
import type { CampaignDetail, IterationView } from '../db/views.ts';
import { reward } from '../methods/scored-rollout.ts';
import type { Measure } from '../protocol/evaluation-metrics.ts';
import type { RolloutTexts } from '../rollout/file.ts';
import { ARMS, type Arm } from '../rollout/types.ts';
import { type Behaviour, type BehaviourSums, behaviourOf, sumBehaviour } from '../scoring/behaviour.ts';
import { withCurrentKeys } from '../scoring/learning-metrics.ts';
import { measureItems } from '../scoring/measure.ts';
import { trainStep } from '../steps/train.ts';
import type { TrainingUpdate } from '../trainer/types.ts';
import { LatestValues } from './parsed-blobs.ts';
import { orUndefined, type RolloutSources, type Shard } from './rollout-source.ts';

type ByArm<T> = { readonly [A in Arm]?: T };

/** Rollouts that an iteration was trained on, or is sampling. */
export interface TrainingAccuracy {
  readonly iteration: number;
  /**
   * Mean over problems of the share of right rollouts; a violation counts as wrong unless it was graded, and undecided
   * and lost rollouts are left out.
   */
  readonly arms: ByArm<Measure>;
}

export interface IterationUpdates {
  readonly iteration: number;
  readonly updates: readonly TrainingUpdate[];
}

/** How the rollouts of an iteration use code. */
export interface IterationBehaviour extends Behaviour {
  readonly iteration: number;
}

/** Time after which no more texts are read for how rollouts use code. */
const BEHAVIOUR_LIMIT_MS = 2000;

/** The share of right rollouts of each problem of a shard, by arm. */
type ShardShares = Readonly<Record<Arm, readonly number[]>>;

export class TrainingCurves {
  readonly #store: ArtifactStore;
  readonly #sources: Pick<RolloutSources, 'ofIteration'>;
  readonly #shares = new LatestValues<ShardShares>(16_384);
  readonly #behaviour = new LatestValues<BehaviourSums>(16_384);
  readonly #updates = new LatestValues<readonly TrainingUpdate[]>(256);

  constructor(store: ArtifactStore, sources: Pick<RolloutSources, 'ofIteration'>) {
    this.#store = store;
    this.#sources = sources;
  }

  /**
   * Iterations with rollouts that are graded and still in the store. Every rollout is read once, so the newest iterations
   * come first, and none is begun after the limit; a later call knows what an earlier one has read.
   */
  async accuracy({ iterations }: CampaignDetail, limitMs = Number.POSITIVE_INFINITY): Promise<TrainingAccuracy[]> {
    const endMs = performance.now() + limitMs;
    const found: TrainingAccuracy[] = [];
    for (const iteration of [...iterations].reverse()) {
      if (performance.now() > endMs) break;
      const arms = await orUndefined(this.#armsOf(iteration));
      if (arms !== undefined && Object.keys(arms).length > 0) found.push({ iteration: iteration.iteration, arms });
    }
    return found.reverse();
  }

  /**
   * Iterations with rollouts that are still in the store, from their texts. They take far more than the grades, so no
   * shard is begun after the limit; else as `accuracy`.
   */
  async behaviour({ iterations }: CampaignDetail, limitMs = BEHAVIOUR_LIMIT_MS): Promise<IterationBehaviour[]> {
    const endMs = performance.now() + limitMs;
    const found: IterationBehaviour[] = [];
    for (const iteration of [...iterations].reverse()) {
      const parts = await orUndefined(this.#behaviourOf(iteration, endMs));
      const behaviour = parts === undefined ? undefined : behaviourOf(parts);
      if (behaviour !== undefined) found.push({ iteration: iteration.iteration, ...behaviour });
      if (performance.now() > endMs) break;
    }
    return found.reverse();
  }

  /** Undefined where the limit comes before the last shard. */
  async #behaviourOf(iteration: IterationView, endMs: number): Promise<BehaviourSums[] | undefined> {
    if (iteration.shardManifests.length === 0) return [];
    const { shards } = await this.#sources.ofIteration(iteration);
    const parts: BehaviourSums[] = [];
    for (const [index, open] of shards.entries()) {
      if (performance.now() > endMs) return undefined;
      parts.push(
        await this.#behaviour.get(`${iteration.shardManifests[index]}`, async () => behaviourSums(await open())),
      );
    }
    return parts;
  }

  /** Iterations whose training is done; trainings of early versions kept no series. */
  async updates({ iterations }: CampaignDetail): Promise<IterationUpdates[]> {
    const found: IterationUpdates[] = [];
    for (const { iteration, stages } of iterations) {
      const key = stages.find(({ stage }) => stage === 'train')?.manifest;
      const updates = key === undefined ? [] : await this.#updates.get(key, () => this.#readUpdates(key as Digest));
      if (updates.length > 0) found.push({ iteration, updates });
    }
    return found;
  }

  async #readUpdates(key: Digest): Promise<readonly TrainingUpdate[]> {
    const updates = (await orUndefined(this.#storedUpdates(key))) ?? [];
    return updates.map((update) => ({ ...update, metrics: withCurrentKeys(update.metrics) }));
  }

  /** Also of a training whose checkpoint was collected: its manifest was set aside, and the series is still there. */
  async #storedUpdates(key: Digest): Promise<readonly TrainingUpdate[] | undefined> {
    const manifest = (await this.#store.readManifest(key)) ?? (await this.#store.readRetiredManifest(key));
    return manifest === undefined ? undefined : trainStep.open(this.#store, manifest).outputs.updates?.read();
  }

  async #armsOf(iteration: IterationView): Promise<ByArm<Measure>> {
    if (iteration.shardManifests.length === 0) return {};
    const { shards } = await this.#sources.ofIteration(iteration);
    const isScored = iteration.stages.some(({ stage, manifest }) => stage === 'score' && manifest !== undefined);
    const parts: ShardShares[] = [];
    for (const [index, open] of shards.entries()) {
      // Grades of a shard may come with the score stage.
      const key = `${iteration.shardManifests[index]} ${isScored}`;
      parts.push(await this.#shares.get(key, async () => sharesOf(await open())));
    }
    const arms: { [A in Arm]?: Measure } = {};
    for (const arm of ARMS) {
      const items = parts.flatMap((part) => part[arm].map((value) => ({ value, weight: 1 })));
      const measure = measureItems(items);
      if (measure !== undefined) arms[arm] = measure;
    }
    return arms;
  }
}

async function behaviourSums({ summaries, readTexts }: Shard): Promise<BehaviourSums> {
  const texts: RolloutTexts[] = [];
  for (const { id } of summaries) texts.push(await readTexts(id));
  return sumBehaviour(summaries, texts);
}

function sharesOf({ summaries, grades }: Shard): ShardShares {
  const sharesOfArm = (arm: Arm): number[] => {
    const problems = new Map<string, { right: number; n: number }>();
    for (const summary of summaries) {
      if (summary.arm !== arm) continue;
      const verdict = grades.get(summary.id)?.verdict;
      const earned = reward(verdict === undefined ? summary : { ...summary, grade: verdict });
      if (earned === undefined) continue;
      const { right, n } = problems.get(summary.problemId) ?? { right: 0, n: 0 };
      problems.set(summary.problemId, { right: right + earned, n: n + 1 });
    }
    return [...problems.values()].map(({ right, n }) => right / n);
  };
  return { auto: sharesOfArm('auto'), cot: sharesOfArm('cot'), code: sharesOfArm('code') };
}
