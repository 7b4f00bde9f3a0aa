/** What-if over a stored iteration: reads what it needs, computes on a thread, so that the API goes on answering. */
import { Worker } from 'node:worker_threads';
import { outputOf } from '../artifacts/step.ts';
import type { ArtifactStore, Digest, Manifest } from '../artifacts/types.ts';
import type { CampaignConfig } from '../config/campaign.ts';
import { ConfigError } from '../config/config-error.ts';
import type { Settings } from '../config/settings.ts';
import type { WhatIfReport } from '../methods/what-if.ts';
import type { StoredIteration } from '../protocol/replay-report.ts';
import { curationOptions } from '../steps/curate.ts';
import type { StoredBytes, WhatIfJob } from './what-if-compute.ts';
import { resolveWhatIf } from './what-if-settings.ts';

/** @throws ConfigError for settings that can't be, and for an iteration without scores */
export async function runWhatIf(
  store: ArtifactStore,
  stored: StoredIteration,
  settings: Settings,
  limit: number,
): Promise<WhatIfReport> {
  const config = JSON.parse((await store.readBlob(stored.config)).toString('utf8')) as CampaignConfig;
  const { config: changed, filters, grader } = resolveWhatIf(config, settings);
  if (stored.score === undefined)
    throw new ConfigError(
      `iteration ${stored.iteration} of "${stored.campaignId}" has no scores yet, so there is nothing to compute with`,
    );
  return computeOnThread({
    bytes: await readBytes(store, stored, stored.score, Object.keys(grader).length > 0),
    before: curationOptions(config, stored.iteration),
    after: curationOptions(changed, stored.iteration),
    filters,
    grader,
    limit,
  });
}

async function readBytes(
  store: ArtifactStore,
  { shards, plan }: StoredIteration,
  score: Digest,
  isRegraded: boolean,
): Promise<StoredBytes> {
  const read = async (key: Digest | undefined, output: string): Promise<Uint8Array> => {
    const manifest: Manifest | undefined = key === undefined ? undefined : await store.readManifest(key);
    if (manifest === undefined) throw new Error(`step ${key} is no longer in the store`);
    // A copy of its own: small files lie in a buffer that they share, which can't be handed to a thread.
    return new Uint8Array(await store.readBlob(outputOf(manifest, output).digest));
  };
  const ofShards = (output: string): Promise<Uint8Array[]> =>
    Promise.all(shards.map(({ turns }) => read(turns.at(-1), output)));
  return {
    summaries: await ofShards('summary'),
    priors: await ofShards('prior'),
    grades: await read(score, 'grades'),
    ...(isRegraded ? { texts: await ofShards('texts'), problems: await read(plan, 'problems') } : {}),
  };
}

function computeOnThread(job: WhatIfJob): Promise<WhatIfReport> {
  const { summaries, priors, grades, texts = [], problems } = job.bytes;
  const handedOver = [...summaries, ...priors, grades, ...texts, ...(problems === undefined ? [] : [problems])];
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
