/** Accuracy and cost of every way to answer, over evaluations of one suite, each compared with a reference. */
import { z } from 'zod';
import { StoreError } from '../artifacts/store-error.ts';
import type { Digest } from '../artifacts/types.ts';
import { createRandom } from '../formats/random.ts';
import type { Measure } from '../protocol/evaluation-metrics.ts';
import { ARMS, type Arm } from '../rollout/types.ts';
import { type CostedRollout, figuresOfWay, type WayFigures } from '../scoring/answer-ways.ts';
import { measureItems } from '../scoring/measure.ts';
import { type PairedDifference, pairedDifferences } from '../scoring/paired.ts';
import { answerKey, openEvaluation, problemKey } from '../steps/evaluate.ts';
import type { CampaignDeps } from './deps.ts';
import { showEvaluation } from './start-evaluation.ts';
import { UseCaseError } from './use-case-error.ts';

const votes = z.int().min(1);

export const benchRequest = z.strictObject({
  evaluations: z.array(z.string()).min(1).max(500).describe('Ids of completed evaluations of one suite'),
  votes: z.array(votes).max(20).default([]).describe('Sizes of majority votes, beside one rollout'),
  reference: z
    .strictObject({ evaluation: z.string(), arm: z.enum(ARMS), votes })
    .optional()
    .describe('What all others are compared with, problem by problem'),
});

export type BenchRequest = z.output<typeof benchRequest>;

export interface BenchRow {
  readonly evaluation: string;
  readonly arm: Arm;
  /** 1: one rollout. More: a majority vote. */
  readonly votes: number;
  readonly accuracy: Measure;
  /** Of one rollout, where there are three samples. */
  readonly passAt3?: Measure;
  /** Means a problem. */
  readonly promptTokens: number;
  readonly tokens: number;
  readonly executions: number;
  /** Wall seconds of the whole evaluation, by its problems: they depend on the machine and on what ran beside. */
  readonly secondsAProblem?: number;
  /** This less the reference, on the problems of both. */
  readonly difference?: PairedDifference;
}

/** @throws UseCaseError `not-found` for an unknown evaluation, `conflict` for one without figures */
export async function benchFigures(
  deps: Pick<CampaignDeps, 'db' | 'gateway' | 'store'>,
  { evaluations, votes: sizes, reference }: BenchRequest,
): Promise<BenchRow[]> {
  const rows: (BenchRow & { readonly items: WayFigures['accuracy'] })[] = [];
  for (const id of evaluations) {
    const { rollouts, secondsAProblem } = await readCosted(deps, id);
    for (const arm of ARMS)
      for (const size of [1, ...sizes]) {
        const figures = figuresOfWay(rollouts, { arm, votes: size }, answerKey);
        const accuracy = figures && measureItems([...figures.accuracy.values()]);
        if (figures === undefined || accuracy === undefined) continue;
        const passAt3 = measureItems([...figures.passAt3.values()]);
        rows.push({
          evaluation: id,
          arm,
          votes: size,
          accuracy,
          ...(passAt3 !== undefined && { passAt3 }),
          promptTokens: figures.promptTokens,
          tokens: figures.tokens,
          executions: figures.executions,
          ...(secondsAProblem !== undefined && { secondsAProblem }),
          items: figures.accuracy,
        });
      }
  }
  const base =
    reference &&
    rows.find(
      (row) => row.evaluation === reference.evaluation && row.arm === reference.arm && row.votes === reference.votes,
    );
  if (reference !== undefined && base === undefined)
    throw new UseCaseError(
      'bad-request',
      `the reference is none of the rows: ${reference.evaluation} has no ${reference.arm} with ${reference.votes} votes`,
    );
  const found: BenchRow[] = [];
  for (const { items, ...row } of rows) {
    const difference = base === undefined || base.items === items ? undefined : await differenceOf(base.items, items);
    found.push({ ...row, ...(difference !== undefined && { difference }) });
  }
  return found;
}

/** Undefined where they measured no problem in common. */
async function differenceOf(
  left: WayFigures['accuracy'],
  right: WayFigures['accuracy'],
): Promise<PairedDifference | undefined> {
  const common = [...left.keys()].filter((key) => right.has(key));
  const pairs = common.map((key) => ({ left: left.get(key), right: right.get(key) }));
  const [difference] = await pairedDifferences([pairs], createRandom('bench'));
  return difference;
}

async function readCosted(
  deps: Pick<CampaignDeps, 'db' | 'gateway' | 'store'>,
  id: string,
): Promise<{ readonly rollouts: readonly CostedRollout[]; readonly secondsAProblem: number | undefined }> {
  const { manifest, status, startedAt, endedAt } = await showEvaluation(deps, id);
  if (manifest === undefined) throw new UseCaseError('conflict', `${id} has no figures: it is ${status}`);
  try {
    const { summaries, shards, plans } = await openEvaluation(deps.store, manifest as Digest);
    const executions = new Map<string, number>();
    for (const shard of shards)
      for (const { id: rollout, blocks } of await shard.outputs.texts.read()) executions.set(rollout, blocks.length);
    const problems = plans.flatMap((plan) => plan.problems);
    const keys = new Map(problems.map((problem) => [problem.id, problemKey(problem)]));
    const seconds = endedAt === undefined ? undefined : (Date.parse(endedAt) - Date.parse(startedAt)) / 1000;
    return {
      // Under the content's key, since ids of two files may be equal.
      rollouts: summaries.map((summary) => ({
        ...summary,
        problemId: keys.get(summary.problemId) ?? summary.problemId,
        executions: executions.get(summary.id) ?? 0,
      })),
      secondsAProblem: seconds === undefined || problems.length === 0 ? undefined : seconds / problems.length,
    };
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    throw new UseCaseError('conflict', `the rollouts of ${id} can't be read: ${error.message}`);
  }
}
