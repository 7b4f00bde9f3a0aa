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
const OPTIONS: CurationOptions = {
  method: 'em',
  strategy: { name: 'energy', alpha: 8, priorFloor: 0.01 },
  minValid: 1,
  rollouts: 'all',
  pooledAdvantages: false,
  anchors: true,
  seed: 's',
};

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

async function storeJob(shards: Shards, options = OPTIONS): Promise<CurationJob & { readonly rollouts: Rollout[] }> {
  const rollouts = shards.map(rolloutsOf);
  const tokenizer = { decode: (ids: readonly number[]) => ids.join(' ') } as Tokenizer;
  const grades = rollouts
    .flat()
    .map(({ id, arm, isRight }) => ({ id, arm, verdict: isRight ? 'correct' : 'incorrect', reason: 'r', answer: '1' }));
  const stored = rollouts.map(async (shard) => {
    const files = writeRolloutFiles(shard, tokenizer);
    const ids = [...new Set(shard.map(({ problemId }) => problemId))];
    const prior = writeJsonLines(ids.map((problemId) => ({ problemId, logProbs: [-0.5, -1.5] })));
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

/** The set of these queries, built in memory from whole rollouts. */
function encodeAtOnce(queries: readonly CuratedQuery[], rollouts: readonly Rollout[]): Buffer {
  const byId = new Map(rollouts.map((rollout) => [rollout.id, rollout]));
  const promptOf = new Map(rollouts.map(({ problemId, promptIds }) => [problemId, promptIds]));
  const sequences = queries.flatMap(({ kept }, query) =>
    kept.map(({ rolloutId, advantage }) => {
      const { promptIds, prefixIds, completionIds, modelMask, logProbs } = byId.get(rolloutId) as Rollout;
      const context = [...promptIds, ...prefixIds];
      const none = context.map(() => 0);
      const ids = [...context, ...completionIds];
      return { query, ids, lossMask: [...none, ...modelMask], behaviourLogProbs: [...none, ...logProbs], advantage };
    }),
  );
  return encodeTrainingSet({
    queries: queries.map(({ problemId, target }) => ({
      promptIds: promptOf.get(problemId) ?? [],
      ...(target === undefined ? {} : { target }),
    })),
    sequences,
    prefixIds: [PREFIXES.cot, PREFIXES.code],
  });
}

/** Blobs of this size are curated on a thread. */
const asLarge = (job: CurationJob): CurationJob => ({
  ...job,
  shards: job.shards.map((shard) => ({ ...shard, tokens: { ...shard.tokens, bytes: 1e9 } })),
});

describe('a curation shard by shard', () => {
  it('writes the set that the whole rollouts give, byte for byte', async () => {
    await fc.assert(
      fc.asyncProperty(shards, async (drawn) => {
        const job = await storeJob(drawn);
        const { curation, trainingSet } = await runCuration(store, job);
        const queries = readJsonLines<CuratedQuery>(await store.readBlob(curation.digest));
        if (trainingSet === undefined) expect(queries).toEqual([]);
        else expect((await store.readBlob(trainingSet.digest)).equals(encodeAtOnce(queries, job.rollouts))).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

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
