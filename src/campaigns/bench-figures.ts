/** Accuracy and cost of every way to answer, over evaluations of one suite, each compared with a reference. */
import { z } from 'zod';
import { StoreError } from '../artifacts/store-error.ts';
import type { Digest } from '../artifacts/types.ts';
import { createRandom } from '../formats/random.ts';
import type { Measure } from '../protocol/evaluation-metrics.ts';
import { ARMS, type Arm } from '../rollout/types.ts';
import { type CostedRollout, figuresOfWay, groupsOfArm, type WayFigures } from '../scoring/answer-ways.ts';
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
  /** Wall seconds of the evaluation's last run, by its problems: they depend on the machine and on what ran beside. */
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
  const keyOf = remembered(answerKey);
  let measured: { readonly id: string; readonly problems: ReadonlySet<string> } | undefined;
  for (const id of new Set(evaluations)) {
    const { rollouts, problems, secondsAProblem } = await readCosted(deps, id);
    measured ??= { id, problems };
    if (measured.problems.size !== problems.size || ![...problems].every((key) => measured?.problems.has(key)))
      throw new UseCaseError(
        'conflict',
        `${measured.id} and ${id} measured different problems, so they can't stand side by side. Generated problems and those that a limit takes depend on the seed of the campaign: take models of campaigns with one seed, or whole files`,
      );
    for (const arm of ARMS) {
      const groups = groupsOfArm(rollouts, arm);
      for (const size of [1, ...sizes]) {
        // The caller shares its thread with the API.
        await new Promise(setImmediate);
        const figures = figuresOfWay(groups, size, keyOf);
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

/** The same answers stand in many votes, and parsing one takes its time. */
function remembered(answerKeyOf: typeof answerKey): typeof answerKey {
  const known = new Map<string, string>();
  return (answer) => {
    const key = known.get(answer) ?? answerKeyOf(answer);
    known.set(answer, key);
    return key;
  };
}

async function readCosted(
  deps: Pick<CampaignDeps, 'db' | 'gateway' | 'store'>,
  id: string,
): Promise<{
  readonly rollouts: readonly CostedRollout[];
  readonly problems: ReadonlySet<string>;
  readonly secondsAProblem: number | undefined;
}> {
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
      problems: new Set(keys.values()),
      secondsAProblem: seconds === undefined || problems.length === 0 ? undefined : seconds / problems.length,
    };
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    throw new UseCaseError('conflict', `the rollouts of ${id} can't be read: ${error.message}`);
  }
}
