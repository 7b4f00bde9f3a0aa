/** Runs a what-if on a stored iteration. The computation runs on a worker thread, so that the API keeps answering. */

import { Worker } from 'node:worker_threads';
import type { ArtifactStore, Digest } from '../artifacts/types.ts';
import { ConfigError } from '../config/config-error.ts';
import type { Settings } from '../config/settings.ts';
import type { WhatIfReport } from '../methods/what-if.ts';
import type { StoredIteration, StoredShard } from '../protocol/replay-report.ts';
import { curationOptions } from '../steps/curate.ts';
import { planStep } from '../steps/plan.ts';
import { readConfig } from '../steps/read-config.ts';
import { sampleStep } from '../steps/sample.ts';
import { scoreStep } from '../steps/score.ts';
import type { StoredBytes, WhatIfJob } from './what-if-compute.ts';
import { resolveWhatIf } from './what-if-settings.ts';

/** @throws ConfigError for invalid settings, and for an iteration without scores */
export async function runWhatIf(
  store: ArtifactStore,
  stored: StoredIteration,
  settings: Settings,
  limit: number,
): Promise<WhatIfReport> {
  const config = await readConfig(store, stored.config);
  const { config: changed, filters, grader, regrades } = resolveWhatIf(config, settings);
  if (stored.score === undefined)
    throw new ConfigError(
      `iteration ${stored.iteration} of "${stored.campaignId}" has no scores yet, so there is nothing to compute with`,
    );
  const [before, after] = [curationOptions(config, stored.iteration), curationOptions(changed, stored.iteration)];
  const isRegraded = regrades || changed.strategy.violations === 'graded';
  const readsTexts = isRegraded || before.distinct === true || after.distinct === true;
  return computeOnThread({
    bytes: await readBytes(store, stored, stored.score, { isRegraded, readsTexts }),
    before,
    after,
    filters,
    grader,
    regrades,
    limit,
  });
}

async function readBytes(
  store: ArtifactStore,
  { shards, plan }: StoredIteration,
  score: Digest,
  { isRegraded, readsTexts }: { readonly isRegraded: boolean; readonly readsTexts: boolean },
): Promise<StoredBytes> {
  // Copies the bytes: small files share one buffer, which can't be transferred to a thread.
  const copy = async ({ digest }: { readonly digest: Digest }): Promise<Uint8Array> =>
    new Uint8Array(await store.readBlob(digest));
  const readShard = async ({ turns }: StoredShard) => {
    const last = turns.at(-1);
    if (last === undefined) throw new Error('a shard of a scored iteration has no turns');
    const { outputs } = await sampleStep.read(store, last);
    return {
      summary: await copy(outputs.summary),
      prior: await copy(outputs.prior),
      ...(readsTexts ? { texts: await copy(outputs.texts) } : {}),
    };
  };
  return {
    grades: await copy((await scoreStep.read(store, score)).outputs.grades),
    shards: await Promise.all(shards.map(readShard)),
    ...(isRegraded ? { problems: await copy((await planStep.read(store, plan)).outputs.problems) } : {}),
  };
}

function computeOnThread(job: WhatIfJob): Promise<WhatIfReport> {
  const { grades, shards, problems } = job.bytes;
  const ofShards = shards.flatMap(({ summary, prior, texts }) => [
    summary,
    prior,
    ...(texts === undefined ? [] : [texts]),
  ]);
  const handedOver = [grades, ...ofShards, ...(problems === undefined ? [] : [problems])];
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./what-if-thread-entry.mjs', import.meta.url), {
      workerData: job,
      transferList: handedOver.map((bytes) => bytes.buffer as ArrayBuffer),
    });
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`the thread of a what-if ended with code ${code} and no report`)));
  });
}
