/**
 * The computation of the stage `curate`, shard by shard: figures of all rollouts first, then the tokens of those that are
 * kept, so that an iteration's tokens are never in memory together.
 */
import { digestOfBytes } from '../artifacts/digest.ts';
import type { BlobRef, Digest } from '../artifacts/types.ts';
import { writeJsonLines } from '../formats/json-lines.ts';
import { type Curation, type CurationCounts, type CurationOptions, curate } from '../methods/curate.ts';
import { explainNoSignal } from '../methods/explain-no-signal.ts';
import type { DecisionPair } from '../methods/prior.ts';
import { type ProblemPriors, problemPriors } from '../methods/problem-priors.ts';
import type { ScoredSummary } from '../methods/scored-rollout.ts';
import { withSolutions } from '../methods/solutions.ts';
import { sequenceOf } from '../methods/training-set.ts';
import { type RolloutSummary, readRolloutTokens } from '../rollout/file.ts';
import type { Arm, Problem } from '../rollout/types.ts';
import { beginTrainingSet, type PutBytes } from '../trainer/training-set.ts';
import type { SetOutline } from '../trainer/types.ts';
import { type PriorLine, sampleStep } from './sample.ts';
import { joinScored, scoreStep } from './score.ts';
import type { ShardPlan } from './shard-plan.ts';

/** Blobs of a shard. */
export interface ShardBlobs {
  readonly plan: Digest;
  readonly summary: Digest;
  readonly prior: Digest;
  readonly tokens: BlobRef;
  readonly texts: Digest;
}

export interface CurationJob {
  readonly grades: Digest;
  readonly shards: readonly ShardBlobs[];
  readonly options: CurationOptions;
}

export interface CuratedShards {
  /** The output `curation`, as bytes. */
  readonly curation: Uint8Array;
  readonly counts: CurationCounts;
  readonly prefixes: Pick<ProblemPriors, 'meanMass' | 'withoutMass'>;
  /** Whether a set was written: false if no query carries a signal. */
  readonly hasSet: boolean;
  /** Why there is no signal, where that can be said. */
  readonly explanation?: string;
}

export type ReadBlob = (digest: Digest) => Promise<Uint8Array>;

/** @param open - Opens the file of the training set; not called if no query carries a signal */
export async function curateShards(
  { grades, shards, options }: CurationJob,
  read: ReadBlob,
  open: (fileBytes: number) => PutBytes,
): Promise<CuratedShards> {
  const parts: ShardFigures[] = [];
  for (const shard of shards) parts.push(await readFigures(shard, read, options.distinct === true));
  const gradeLines = scoreStep.codecs.grades.decode(await read(grades), 'grades');
  const { summaries, prefixLogProbs } = joinScored(gradeLines, parts);
  const { priors, meanMass, withoutMass } = problemPriors(prefixLogProbs, summaries);
  const curation = curate(summaries, priors, options);
  const curated = {
    curation: writeJsonLines(curation.queries),
    counts: curation.counts,
    prefixes: { meanMass, withoutMass },
    hasSet: curation.queries.length > 0,
  };
  if (!curated.hasSet) {
    const explanation = explainNoSignal(summaries, await readGolds(shards, read));
    return { ...curated, ...(explanation === undefined ? {} : { explanation }) };
  }
  await writeSet(curation, { shards, parts, read, open });
  return curated;
}

interface ShardFigures {
  readonly summary: readonly (RolloutSummary & Pick<ScoredSummary, 'solution'>)[];
  readonly prior: readonly PriorLine[];
}

async function readFigures(shard: ShardBlobs, read: ReadBlob, withTexts: boolean): Promise<ShardFigures> {
  const { summary, prior, texts } = sampleStep.codecs;
  const summaries = summary.decode(await read(shard.summary), 'summaries');
  const priors = prior.decode(await read(shard.prior), 'priors');
  if (!withTexts) return { summary: summaries, prior: priors };
  const solved = withSolutions(summaries, texts.decode(await read(shard.texts), 'texts'));
  // Solutions are compared only, so that their digests are enough.
  const digested = solved.map(({ solution = '', ...rest }) => ({ ...rest, solution: digestOfBytes(solution) }));
  return { summary: digested, prior: priors };
}

async function readGolds(shards: readonly ShardBlobs[], read: ReadBlob): Promise<Map<string, string>> {
  const golds = new Map<string, string>();
  for (const { plan } of shards) {
    const { problems } = JSON.parse(Buffer.from(await read(plan)).toString('utf8')) as Pick<ShardPlan, 'problems'>;
    for (const { id, answer } of problems as readonly Problem[]) golds.set(id, answer);
  }
  return golds;
}

interface SetSources {
  readonly shards: readonly ShardBlobs[];
  readonly parts: readonly ShardFigures[];
  readonly read: ReadBlob;
  readonly open: (fileBytes: number) => PutBytes;
}

async function writeSet(curation: Curation, { shards, parts, read, open }: SetSources): Promise<void> {
  const prefixOf = new Map<Arm, ArrayLike<number>>();
  for (const arm of ['cot', 'code', 'auto'] as const) prefixOf.set(arm, await readPrefix(arm, shards, parts, read));
  const figures = parts.flatMap(({ summary }) => summary);
  const { outline, sequenceAt, promptAt } = outlineOf(curation, figures, prefixOf);
  const writer = beginTrainingSet(outline, open);
  for (const [at, { tokens }] of shards.entries()) {
    const rows = readRolloutTokens(await read(tokens.digest));
    const { summary = [], prior = [] } = parts[at] ?? {};
    // Pairs compare decision and solution together.
    const learnt =
      outline.pairs === undefined ? undefined : new Map(prior.map((line) => [line.problemId, line.logProbs]));
    for (const { id, problemId, arm } of summary) {
      const { value: row } = rows.next();
      if (row === undefined) throw new Error(`rollout ${id} has no tokens`);
      const sequence = sequenceAt.get(id);
      if (sequence !== undefined)
        writer.putSequence(sequence, sequenceOf(row, prefixLogProb(arm, learnt?.get(problemId))));
      const query = promptAt.get(id);
      if (query !== undefined) writer.putPrompt(query, row.promptIds);
    }
  }
}

/** Undefined for the arm without a prefix, and where none is learnt. */
const prefixLogProb = (arm: Arm, logProbs: DecisionPair | undefined): number | undefined =>
  arm === 'auto' ? undefined : logProbs?.[arm === 'cot' ? 0 : 1];

/** The forced prefix of an arm as it was sampled; empty where no rollout is of the arm. */
async function readPrefix(
  arm: Arm,
  shards: readonly ShardBlobs[],
  parts: readonly ShardFigures[],
  read: ReadBlob,
): Promise<ArrayLike<number>> {
  for (const [at, { summary }] of parts.entries()) {
    const row = summary.findIndex((rollout) => rollout.arm === arm);
    const shard = shards[at];
    if (row !== -1 && shard !== undefined)
      return Array.from([...readRolloutTokens(await read(shard.tokens.digest))][row]?.prefixIds ?? []);
  }
  return [];
}

/** Where the tokens of each rollout go, and which rollout's prompt is that of a query. */
function outlineOf(
  curation: Curation,
  figures: readonly RolloutSummary[],
  prefixOf: ReadonlyMap<Arm, ArrayLike<number>>,
) {
  const byId = new Map(figures.map((rollout) => [rollout.id, rollout]));
  const ofProblem = new Map(figures.map((rollout) => [rollout.problemId, rollout]));
  const sequenceAt = new Map<string, number>();
  const promptAt = new Map<string, number>();
  const sequences: SetOutline['sequences'][number][] = [];
  const queries = curation.queries.map(({ problemId, target, kept }, query) => {
    for (const { rolloutId, advantage } of kept) {
      const rollout = byId.get(rolloutId);
      if (rollout === undefined)
        throw new Error(`curation keeps rollout ${rolloutId}, which is not among the rollouts`);
      const { arm, promptTokens, modelTokens, toolTokens } = rollout;
      const tokens = promptTokens + (prefixOf.get(arm)?.length ?? 0) + modelTokens + toolTokens;
      if (sequenceAt.has(rolloutId)) throw new Error(`curation keeps rollout ${rolloutId} twice`);
      sequenceAt.set(rolloutId, sequences.length);
      sequences.push({ query, tokens, advantage });
    }
    const asked = ofProblem.get(problemId);
    if (asked === undefined) throw new Error(`curation names problem ${problemId}, which has no rollouts`);
    promptAt.set(asked.id, query);
    return { promptTokens: asked.promptTokens, ...(target === undefined ? {} : { target }) };
  });
  const prefixIds = [prefixOf.get('cot') ?? [], prefixOf.get('code') ?? []] as const;
  const pairs = pairsOf(curation, sequenceAt);
  const outline: SetOutline = { queries, sequences, prefixIds, ...(pairs === undefined ? {} : { pairs }) };
  return { outline, sequenceAt, promptAt };
}

/** The pairs as numbers of sequences; undefined for a method without pairs. */
function pairsOf({ queries }: Curation, sequenceAt: ReadonlyMap<string, number>): SetOutline['pairs'] {
  if (queries.every(({ pairs }) => pairs === undefined)) return undefined;
  const numberOf = (id: string): number => {
    const number = sequenceAt.get(id);
    if (number === undefined) throw new Error(`a pair names rollout ${id}, which the curation does not keep`);
    return number;
  };
  return queries.flatMap(({ pairs = [] }) =>
    pairs.map(({ right, wrong }) => [numberOf(right), numberOf(wrong)] as const),
  );
}
