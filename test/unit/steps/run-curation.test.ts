import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { putJson } from '../../../src/artifacts/codecs.ts';
import { openStore } from '../../../src/artifacts/open-store.ts';
import type { ArtifactStore } from '../../../src/artifacts/types.ts';
import { readJsonLines, writeJsonLines } from '../../../src/formats/json-lines.ts';
import type { CurationOptions } from '../../../src/methods/curate.ts';
import type { CuratedQuery } from '../../../src/methods/method.ts';
import { writeRolloutFiles } from '../../../src/rollout/file.ts';
import { ARMS, type Rollout } from '../../../src/rollout/types.ts';
import type { Tokenizer } from '../../../src/sampler/types.ts';
import type { CurationJob } from '../../../src/steps/curate-shards.ts';
import { runCuration } from '../../../src/steps/run-curation.ts';
import { encodeTrainingSet } from '../../../src/trainer/training-set.ts';

const PREFIXES = { cot: [1], code: [2, 3], auto: [] } as const;
const OPTIONS = {
  method: 'em' as CurationOptions['method'],
  strategy: { name: 'energy', alpha: 8, priorFloor: 0.01 },
  minValid: 1,
  rollouts: 'all',
  pooledAdvantages: false,
  anchors: true,
  seed: 's',
} satisfies CurationOptions;

let folder: string;
let store: ArtifactStore;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'curation-'));
  store = await openStore(join(folder, 'store'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const token = fc.record({
  id: fc.nat(50_000),
  logProb: fc.float({ min: -20, max: Math.fround(-0.5), noNaN: true }),
  isModel: fc.boolean(),
});
const completion = fc.array(token, { minLength: 1, maxLength: 6 });
/** Per shard and problem, per arm two completions and whether each is right. */
const attempt = fc.record({ completion, isRight: fc.boolean() });
const problem = fc.record({
  prompt: fc.array(fc.nat(50_000), { minLength: 1, maxLength: 4 }),
  attempts: fc.array(attempt, { minLength: 6, maxLength: 6 }),
});
const shards = fc.array(fc.array(problem, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 3 });
type Shards = typeof shards extends fc.Arbitrary<infer Value> ? Value : never;

const rolloutsOf = (problems: Shards[number], shard: number): (Rollout & { readonly isRight: boolean })[] =>
  problems.flatMap(({ prompt, attempts }, at) =>
    attempts.map(({ completion, isRight }, index) => {
      const arm = ARMS[index % 3] ?? 'auto';
      // The model writes the first token, so that every rollout has one to learn.
      const tokens = completion.map((item, position) => ({ ...item, isModel: item.isModel || position === 0 }));
      return {
        id: `p${shard}.${at}#${arm}#${Math.floor(index / 3)}`,
        problemId: `p${shard}.${at}`,
        arm,
        sample: Math.floor(index / 3),
        seed: 's',
        promptIds: prompt,
        prefixIds: PREFIXES[arm],
        completionIds: tokens.map(({ id }) => id),
        logProbs: tokens.map(({ logProb, isModel }) => (isModel ? logProb : 0)),
        modelMask: tokens.map(({ isModel }) => (isModel ? 1 : 0)),
        blocks: [],
        state: 'completed',
        isRight,
      };
    }),
  );

async function storeJob(
  shards: Shards,
  options: CurationOptions = OPTIONS,
): Promise<CurationJob & { readonly rollouts: Rollout[] }> {
  const rollouts = shards.map(rolloutsOf);
  const tokenizer = { decode: (ids: readonly number[]) => ids.join(' ') } as Tokenizer;
  const grades = rollouts
    .flat()
    .map(({ id, arm, isRight }) => ({ id, arm, verdict: isRight ? 'correct' : 'incorrect', reason: 'r', answer: '1' }));
  const stored = rollouts.map(async (shard) => {
    const files = writeRolloutFiles(shard, tokenizer);
    const ids = [...new Set(shard.map(({ problemId }) => problemId))];
    const { cot, code } = PREFIX_LOG_PROBS;
    const prior = writeJsonLines(ids.map((problemId) => ({ problemId, logProbs: [cot, code] })));
    const problems = ids.map((id) => ({ id, problem: id, answer: '1' }));
    return {
      plan: (await putJson(store, { problems })).digest,
      summary: (await store.putBlob(files.summary)).digest,
      prior: (await store.putBlob(prior)).digest,
      tokens: await store.putBlob(files.tokens),
      texts: (await store.putBlob(files.texts)).digest,
    };
  });
  return {
    grades: (await store.putBlob(writeJsonLines(grades))).digest,
    shards: await Promise.all(stored),
    options,
    rollouts: rollouts.flat(),
  };
}

/** Log-probs of the prefixes in every problem; they fit 32 bits. */
const PREFIX_LOG_PROBS = { cot: -0.5, code: -1.5, auto: 0 } as const;

/** The set of these queries, built in memory from whole rollouts. */
function encodeAtOnce(queries: readonly CuratedQuery[], rollouts: readonly Rollout[]): Buffer {
  const byId = new Map(rollouts.map((rollout) => [rollout.id, rollout]));
  const promptOf = new Map(rollouts.map(({ problemId, promptIds }) => [problemId, promptIds]));
  const isOfPairs = queries.some((query) => query.pairs !== undefined);
  const sequences = queries.flatMap(({ kept }, query) =>
    kept.map(({ rolloutId, advantage }) => {
      const { arm, promptIds, prefixIds, completionIds, modelMask, logProbs } = byId.get(rolloutId) as Rollout;
      const none = promptIds.map(() => 0);
      const ids = [...promptIds, ...prefixIds, ...completionIds];
      const lossMask = [...none, ...prefixIds.map(() => (isOfPairs ? 1 : 0)), ...modelMask];
      const ofPrefix = prefixIds.map((_, at) => (isOfPairs && at === 0 ? PREFIX_LOG_PROBS[arm] : 0));
      return { query, ids, lossMask, behaviourLogProbs: [...none, ...ofPrefix, ...logProbs], advantage };
    }),
  );
  const numberOf = new Map(queries.flatMap(({ kept }) => kept).map(({ rolloutId }, at) => [rolloutId, at]));
  const pairs = queries.flatMap((query) =>
    (query.pairs ?? []).map(({ right, wrong }) => [numberOf.get(right) ?? -1, numberOf.get(wrong) ?? -1] as const),
  );
  return encodeTrainingSet({
    queries: queries.map(({ problemId, target }) => ({
      promptIds: promptOf.get(problemId) ?? [],
      ...(target === undefined ? {} : { target }),
    })),
    sequences,
    prefixIds: [PREFIXES.cot, PREFIXES.code],
    ...(isOfPairs ? { pairs } : {}),
  });
}

/** Blobs of this size are curated on a thread. */
const asLarge = (job: CurationJob): CurationJob => ({
  ...job,
  shards: job.shards.map((shard) => ({ ...shard, tokens: { ...shard.tokens, bytes: 1e9 } })),
});

describe('a curation shard by shard', () => {
  it.each([
    ['em', OPTIONS],
    ['dpo', { ...OPTIONS, method: 'dpo', anchors: undefined, perProblem: 3 }],
  ] as const)(
    'writes the set that the whole rollouts give, byte for byte, for %s',
    async (_, { anchors, ...options }) => {
      await fc.assert(
        fc.asyncProperty(shards, async (drawn) => {
          const job = await storeJob(drawn, { ...options, ...(anchors === undefined ? {} : { anchors }) });
          const { curation, trainingSet } = await runCuration(store, job);
          const queries = readJsonLines<CuratedQuery>(await store.readBlob(curation.digest));
          if (trainingSet === undefined) expect(queries).toEqual([]);
          else
            expect((await store.readBlob(trainingSet.digest)).equals(encodeAtOnce(queries, job.rollouts))).toBe(true);
        }),
        { numRuns: 40 },
      );
    },
  );

  it('gives the same on a thread, and leaves nothing but its outputs in the store', async () => {
    const [drawn] = fc.sample(shards, { numRuns: 1, seed: 5 });
    const job = await storeJob(drawn ?? []);
    const here = await runCuration(store, job);
    expect(here.trainingSet).toBeDefined();
    expect(await runCuration(store, asLarge(job))).toEqual(here);
    expect(await readdir(join(folder, 'store', 'tmp'))).toEqual([]);
  });

  it('of rollouts without a signal says why on either thread, and writes no set', async () => {
    const attempts = Array.from({ length: 6 }, () => ({
      completion: [{ id: 7, logProb: -1, isModel: true }],
      isRight: false,
    }));
    const job = await storeJob([[{ prompt: [5], attempts }]]);
    const found = await runCuration(store, asLarge(job));
    expect(found.trainingSet).toBeUndefined();
    expect(found.explanation).toMatch(/none of 6 graded answers is right.*gold "1", answer "1"/);
    expect(await runCuration(store, job)).toEqual(found);
  });

  it('reports a lost blob as the store does, also from the thread', async () => {
    const [drawn] = fc.sample(shards, { numRuns: 1, seed: 5 });
    const job = await storeJob(drawn ?? []);
    const lost = { ...job, grades: `sha256:${'0'.repeat(64)}` as const };
    for (const at of [lost, asLarge(lost)])
      await expect(runCuration(store, at)).rejects.toMatchObject({ code: 'blob-missing' });
  });
});
