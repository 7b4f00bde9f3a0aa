/**
 * Store and database embedded, and on servers of this machine: a folder against VersityGW, PGlite against PostgreSQL.
 *
 *   node --import tsx test/bench/places.ts
 */
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findPostgres } from '../../infra/setup/postgresql.mjs';
import { openStore } from '../../src/artifacts/open-store.ts';
import type { ArtifactStore } from '../../src/artifacts/types.ts';
import { applyFacts } from '../../src/db/apply-facts.ts';
import { type Database, openDatabase } from '../../src/db/database.ts';
import { readCampaign } from '../../src/db/read-campaigns.ts';
import type { Fact } from '../../src/protocol/facts.ts';
import { startPostgres } from '../support/postgres-server.ts';
import { startS3 } from '../support/s3-server.ts';

const MEBIBYTE = 1_048_576;
const TREE_MIB = 128;

async function time(work: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  await work();
  return performance.now() - from;
}

async function timeStore(store: ArtifactStore, source: string): Promise<Record<string, number>> {
  const blobs = Array.from({ length: 200 }, () => randomBytes(20_000));
  const small = await time(async () => {
    for (let from = 0; from < blobs.length; from += 16)
      await Promise.all(blobs.slice(from, from + 16).map((bytes) => store.putBlob(bytes)));
  });
  const output = await store.putBlob(Buffer.from('output'));
  const commit = await time(async () => {
    for (let index = 0; index < 100; index += 1) {
      const step = { stage: 'sample', version: 1, inputs: {}, config: {}, seed: `${index}` };
      await store.commitManifest({ step, outputs: { output }, facts: {}, information: {} });
    }
  });
  let tree = output;
  const put = await time(async () => {
    tree = await store.putTree(source);
  });
  const fetched = await time(() => store.materialiseTree(tree.digest));
  return {
    '200 blobs of 20 kB, 16 at a time': small,
    '100 manifests, one after the other': commit,
    [`a tree of ${TREE_MIB} MiB: store`]: put,
    [`a tree of ${TREE_MIB} MiB: fetch`]: fetched,
  };
}

async function timeDatabase(db: Database): Promise<Record<string, number>> {
  const shard = (index: number): Fact => ({
    kind: 'shard',
    campaignId: 'bench',
    iteration: 1,
    shard: index,
    of: 2000,
    at: new Date(Date.UTC(2026, 0, 1) + index).toISOString(),
    manifest: `sha256:${index.toString(16).padStart(64, '0')}`,
    counts: { rollouts: 512 },
  });
  await applyFacts(db, [{ kind: 'campaign', id: 'bench', status: 'running', at: '2026-01-01T00:00:00.000Z' }]);
  const single = await time(async () => {
    for (let from = 0; from < 200; from += 16)
      await Promise.all(Array.from({ length: 16 }, (_, index) => applyFacts(db, [shard(from + index)])));
  });
  const batch = await time(() =>
    applyFacts(
      db,
      Array.from({ length: 1000 }, (_, index) => shard(1000 + index)),
    ),
  );
  const read = await time(async () => {
    for (let index = 0; index < 20; index += 1) await readCampaign(db, 'bench');
  });
  return {
    '208 facts, 16 at a time': single,
    '1,000 facts in one batch': batch,
    'a campaign of 1,208 shards read 20 times': read,
  };
}

function print(title: string, embedded: Record<string, number>, server: Record<string, number>): void {
  console.log(`\n| ${title} | embedded, ms | server, ms | ratio |\n|---|---|---|---|`);
  for (const [what, ms] of Object.entries(embedded)) {
    const other = server[what] ?? Number.NaN;
    console.log(`| ${what} | ${ms.toFixed(0)} | ${other.toFixed(0)} | ${(other / ms).toFixed(1)} |`);
  }
}

const folder = await mkdtemp(join(tmpdir(), 'places-'));
const source = join(folder, 'source');
await mkdir(source);
for (const name of ['a', 'b']) await writeFile(join(source, name), randomBytes((TREE_MIB / 2) * MEBIBYTE));

const s3 = await startS3();
const cache = { folder: join(folder, 'cache'), bytes: 1e12 };
const bucket = await openStore(`s3://${await s3.makeBucket()}`, { endpoint: s3.endpoint, cache });
print(
  'store: folder, bucket',
  await timeStore(await openStore(join(folder, 'store')), source),
  await timeStore(bucket, source),
);
await s3.stop();

const postgres = await startPostgres((await findPostgres()) ?? '');
const [embedded, server] = [await openDatabase(join(folder, 'database')), await openDatabase(postgres.url('postgres'))];
print('database: PGlite, PostgreSQL', await timeDatabase(embedded), await timeDatabase(server));
await Promise.all([embedded.close(), server.close()]);
await postgres.stop();
await rm(folder, { recursive: true, force: true });
