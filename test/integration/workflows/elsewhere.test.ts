/** The same campaign with everything in one folder, and with its store in a bucket and its facts on a database server. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { digestOfJson } from '../../../src/artifacts/digest.ts';
import { openStore } from '../../../src/artifacts/open-store.ts';
import type { ArtifactStore } from '../../../src/artifacts/types.ts';
import { rebuildDatabase } from '../../../src/db/apply-journal.ts';
import { openDatabase } from '../../../src/db/database.ts';
import { readCampaign } from '../../../src/db/read-campaigns.ts';
import type { CampaignResult } from '../../../src/protocol/campaign-input.ts';
import { describeOnServer } from '../../support/databases.ts';
import { hasS3Server, startS3 } from '../../support/s3-server.ts';
import { startSimulatedStack } from '../../support/simulated-stack.ts';

/** Runs a campaign and returns what is left of it, without times. */
async function runCampaign(location: string, store?: ArtifactStore) {
  const db = await openDatabase(location);
  const stack = await startSimulatedStack({ db, ...(store === undefined ? {} : { store }) });
  const handle = await stack.start(stack.configure('elsewhere', { iterations: 1 }));
  const { status }: CampaignResult = await handle.result();
  const manifests: unknown[] = [];
  for await (const { key, outputs, facts } of stack.store.listManifests()) manifests.push({ key, outputs, facts });
  const shown = await readCampaign(db, 'elsewhere');
  await rebuildDatabase(db, stack.store);
  expect(await readCampaign(db, 'elsewhere')).toEqual(shown);
  await stack.stop();
  await db.close();
  return { status, head: shown?.head, steps: manifests.length, manifests: digestOfJson(manifests) };
}

const needed = hasS3Server ? '' : ' (needs VersityGW: node infra/setup.mjs --test)';
describe.skipIf(!hasS3Server)(`in a bucket${needed}`, () => {
  describeOnServer('and on a PostgreSQL server', ({ make }) => {
    test('a campaign has the same steps, results and head as in one folder, and a rebuild shows the same', async () => {
      const s3 = await startS3();
      const folder = await mkdtemp(join(tmpdir(), 'elsewhere-'));
      const store = await openStore(`s3://${await s3.makeBucket()}/whencode`, {
        endpoint: s3.endpoint,
        cache: { folder, bytes: 1e9 },
      });
      const elsewhere = await runCampaign(await make(), store);
      expect(elsewhere).toMatchObject({ status: 'completed', steps: expect.any(Number) });
      expect(elsewhere.steps).toBeGreaterThan(10);
      expect(await runCampaign('memory:')).toEqual(elsewhere);
      await s3.stop();
      await rm(folder, { recursive: true, force: true });
    });
  });
});
