/** Rollouts of an iteration with their texts and grades, read from the artifact store: they are not in the database. */
import { outputOf } from '../artifacts/step.ts';
import type { ArtifactStore, Digest } from '../artifacts/types.ts';
import type { Database } from '../db/database.ts';
import { readCampaign } from '../db/read-campaigns.ts';
import type { CampaignDetail, IterationView } from '../db/views.ts';
import { readJsonLines } from '../formats/json-lines.ts';
import type { RolloutSummary, RolloutTexts } from '../rollout/file.ts';
import type { Grade, Problem, RolloutEnd } from '../rollout/types.ts';
import { ApiError } from './api-error.ts';
import type { RolloutFilter } from './requests.ts';

/** As the score stage writes it, a line a rollout. */
interface GradeLine {
  readonly id: string;
  readonly verdict: Grade;
  readonly reason: string;
  readonly answer?: string;
}

export interface RolloutView extends RolloutSummary {
  readonly iteration: number;
  readonly texts: RolloutTexts;
  /** Absent while the iteration has not been scored, and for rollouts that are not graded. */
  readonly grade?: Omit<GradeLine, 'id'>;
  readonly problem?: Problem;
}

export interface RolloutPage {
  readonly iteration: number;
  readonly total: number;
  readonly offset: number;
  readonly rollouts: readonly RolloutView[];
}

type ById<T> = ReadonlyMap<string, T>;

/** Blobs never change, so what was parsed from one is kept: the latest few, by digest. */
class ParsedBlobs {
  readonly #store: ArtifactStore;
  readonly #parsed = new Map<Digest, Promise<readonly unknown[]>>();
  readonly #capacity = 64;

  constructor(store: ArtifactStore) {
    this.#store = store;
  }

  async lines<T>(digest: Digest, what: string): Promise<readonly T[]> {
    const known = this.#parsed.get(digest);
    const lines = known ?? this.#store.readBlob(digest).then((bytes) => readJsonLines<T>(bytes, what));
    this.#parsed.delete(digest);
    this.#parsed.set(digest, lines);
    const oldest = this.#parsed.keys().next().value;
    if (this.#parsed.size > this.#capacity && oldest !== undefined) this.#parsed.delete(oldest);
    if (known === undefined) lines.catch(() => this.#parsed.delete(digest));
    return (await lines) as readonly T[];
  }
}

export interface RolloutReader {
  /** Newest shards first. Throws `ApiError` `not-found` for an unknown campaign or iteration. */
  read(filter: RolloutFilter): Promise<RolloutPage>;
}

export function createRolloutReader(db: Database, store: ArtifactStore): RolloutReader {
  const blobs = new ParsedBlobs(store);

  async function outputLines<T>(manifestKey: string | undefined, output: string): Promise<readonly T[]> {
    if (manifestKey === undefined) return [];
    const manifest = await store.readManifest(manifestKey as Digest);
    if (manifest?.outputs[output] === undefined) return [];
    return await blobs.lines<T>(outputOf(manifest, output).digest, output);
  }

  const stageLines = async <T extends { id: string }>(
    iteration: IterationView,
    stage: 'plan' | 'score',
    output: string,
  ): Promise<ById<T>> => {
    const manifest = iteration.stages.find((item) => item.stage === stage)?.manifest;
    const lines = await outputLines<T>(manifest, output);
    return new Map(lines.map((line) => [line.id, line]));
  };

  return {
    async read(filter) {
      const iteration = chooseIteration(await readCampaign(db, filter.campaign), filter);
      const grades = await stageLines<GradeLine>(iteration, 'score', 'grades');
      const matching: { manifest: string; summary: RolloutSummary }[] = [];
      for (const manifest of iteration.shardManifests) {
        for (const summary of await outputLines<RolloutSummary>(manifest, 'summary')) {
          if (matches(summary, grades.get(summary.id), filter)) matching.push({ manifest, summary });
        }
      }
      const problems = await stageLines<Problem>(iteration, 'plan', 'problems');
      const rollouts: RolloutView[] = [];
      for (const { manifest, summary } of matching.slice(filter.offset, filter.offset + filter.limit)) {
        const texts = (await outputLines<RolloutTexts>(manifest, 'texts')).find((line) => line.id === summary.id);
        const grade = grades.get(summary.id);
        const problem = problems.get(summary.problemId);
        rollouts.push({
          ...summary,
          iteration: iteration.iteration,
          texts: texts ?? { id: summary.id, segments: [], blocks: [] },
          ...(grade === undefined ? {} : { grade }),
          ...(problem === undefined ? {} : { problem }),
        });
      }
      return { iteration: iteration.iteration, total: matching.length, offset: filter.offset, rollouts };
    },
  };
}

function chooseIteration(campaign: CampaignDetail | undefined, filter: RolloutFilter): IterationView {
  if (campaign === undefined) throw new ApiError('not-found', `there is no campaign "${filter.campaign}"`);
  const withRollouts = campaign.iterations.filter((item) => item.shardsDone > 0);
  const wanted = filter.iteration;
  const found =
    wanted === undefined ? withRollouts.at(-1) : campaign.iterations.find((item) => item.iteration === wanted);
  if (found !== undefined) return found;
  if (wanted === undefined) throw new ApiError('not-found', `campaign "${filter.campaign}" has no rollouts yet`);
  const known = campaign.iterations.map((item) => item.iteration).join(', ');
  throw new ApiError(
    'not-found',
    `campaign "${filter.campaign}" has no iteration ${wanted}; it has ${known || 'none'}`,
  );
}

function matches(summary: RolloutSummary, grade: GradeLine | undefined, filter: RolloutFilter): boolean {
  return (
    (filter.id === undefined || summary.id === filter.id) &&
    (filter.arm === undefined || summary.arm === filter.arm) &&
    (filter.problem === undefined || summary.problemId === filter.problem) &&
    (filter.end === undefined || summary.state === (filter.end satisfies RolloutEnd)) &&
    (filter.grade === undefined || (grade?.verdict ?? 'none') === filter.grade)
  );
}
