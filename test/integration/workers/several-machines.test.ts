/**
 * One installation in several homes that share nothing but a Temporal server, a bucket, a database server and the payload
 * key: control and sandbox in one, sample and train in another, which is then replaced.
 */
import { copyFile, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { waitForClient } from '../../../src/cli/wait-for-client.ts';
import type { CampaignConfig } from '../../../src/config/campaign.ts';
import { readEnvironment } from '../../../src/config/environment.ts';
import type { CampaignDetail } from '../../../src/db/views.ts';
import { testbedCampaign } from '../../../src/demo/campaigns.ts';
import { PAYLOAD_KEY } from '../../../src/process/private-home.ts';
import type { WorkerRole } from '../../../src/protocol/queues.ts';
import { isOpenStatus } from '../../../src/protocol/statuses.ts';
import { installRuntime } from '../../../src/temporal/runtime.ts';
import { readTemporalServer } from '../../../src/temporal/server.ts';
import { type Stack, startStack } from '../../../src/workers/stack.ts';
import { type TestClient, withCalls } from '../../support/calls.ts';
import { describeOnServer } from '../../support/databases.ts';
import { hasS3Server, startS3, type TestS3 } from '../../support/s3-server.ts';

const START_LIMIT_MS = 120_000;
/** Variables of a test stay in its process. */
const before = { ...process.env };

/** Trains on demonstrations, so that it always trains; sample and sandbox do its evaluations. */
async function tinyCampaign(name: string, demonstrations: number): Promise<CampaignConfig> {
  const config = await testbedCampaign('em', name, { iterations: 1, seed: 3, warmStart: 'balanced' });
  if (config.sft === undefined) throw new Error('the testbed campaign has a warm-up');
  return {
    ...config,
    method: 'sft',
    sft: { ...config.sft, problems: demonstrations },
    evaluations: config.evaluations.map((suite) => ({ ...suite, problems: { ...suite.problems, limit: 10 } })),
  };
}

const needed = hasS3Server ? '' : ' (needs VersityGW: node infra/setup.mjs --test)';
describe.skipIf(!hasS3Server)(`with a bucket${needed}`, () => {
  describeOnServer('and a database server', ({ make }) => {
    let folder: string;
    let temporal: TestWorkflowEnvironment;
    let s3: TestS3;
    let client: TestClient;
    const stacks = new Map<string, Stack>();

    const startHome = async (name: string, roles: readonly WorkerRole[]): Promise<void> => {
      const environment = readEnvironment();
      const server = readTemporalServer(environment.temporalVariables);
      const at = { home: join(folder, name), temporal: environment.temporal, places: environment, server, roles };
      stacks.set(name, await startStack(at));
    };
    const copyKey = async (name: string): Promise<void> => {
      await mkdir(join(folder, name), { mode: 0o700 });
      await copyFile(join(folder, 'control', PAYLOAD_KEY), join(folder, name, PAYLOAD_KEY));
    };

    /** Asks again where an answer fails: the servers of the test share a machine with others. */
    const untilEnded = async (id: string): Promise<CampaignDetail> => {
      for (;;) {
        const shown = await client.showCampaign(id).catch(() => undefined);
        if (shown !== undefined && !isOpenStatus(shown.campaign.status)) return shown.campaign;
        await sleep(500);
      }
    };

    beforeAll(async () => {
      installRuntime('ERROR');
      folder = await mkdtemp(join(tmpdir(), 'several-machines-'));
      s3 = await startS3();
      const executable = { type: 'existing-path', path: readEnvironment().temporal } as const;
      temporal = await TestWorkflowEnvironment.createLocal({
        server: { executable, log: { format: 'pretty', level: 'error' } },
      });
      const { address } = (temporal.connection as unknown as { options: { address: string } }).options;
      Object.assign(process.env, {
        TEMPORAL_ADDRESS: address,
        TEMPORAL_NAMESPACE: 'lab',
        AWS_ENDPOINT_URL_S3: s3.endpoint,
        WHENCODE_STORE: `s3://${await s3.makeBucket()}/whencode`,
        WHENCODE_DATABASE_URL: await make(),
      });
      await startHome('control', ['control', 'sandbox']);
      client = withCalls(await waitForClient(join(folder, 'control'), START_LIMIT_MS));
    });
    afterAll(async () => {
      await Promise.all([...stacks.values()].map((stack) => stack.stop()));
      await temporal?.teardown();
      await s3?.stop();
      for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
      await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
    });

    test('a home without the key of the installation starts no worker, and the message says where the key is', async () => {
      await expect(startHome('stranger', ['sample'])).rejects.toThrow(
        /payload\.key can't be read.*WHENCODE_PAYLOAD_KEY_FILE/s,
      );
    });

    test('a campaign runs over two homes, and each keeps only what is its own', async () => {
      await copyKey('gpu');
      await startHome('gpu', ['sample', 'train']);
      const config = await tinyCampaign('spread', 100);
      await client.startCampaign(config);
      const done = await untilEnded(config.name);
      expect(done).toMatchObject({ status: 'completed', iterationsDone: 1 });
      expect(new Set(done.checkpoints.map(({ digest }) => digest)).size).toBe(2);
      expect(done.evaluations.map(({ metrics }) => metrics?.accuracy.code?.n)).toEqual([10, 10]);
      const [atControl, atGpu] = await Promise.all(['control', 'gpu'].map((name) => readdir(join(folder, name))));
      expect(atControl).toEqual(expect.arrayContaining(['token', 'control.json', PAYLOAD_KEY]));
      for (const absent of ['token', 'control.json', 'database', 'store']) expect(atGpu).not.toContain(absent);
      for (const absent of ['database', 'store']) expect(atControl).not.toContain(absent);
      const logs = async (name: string): Promise<string[]> => (await readdir(join(folder, name, 'logs'))).sort();
      expect(await logs('control')).toEqual(expect.arrayContaining(['control.log', 'sandbox.log']));
      expect(await logs('gpu')).not.toContain('control.log');
    });

    test('another home takes the place of one that is gone, trains there, and finds the first model in the bucket', async () => {
      await stacks.get('gpu')?.stop();
      stacks.delete('gpu');
      const config = await tinyCampaign('moved', 110);
      await client.startCampaign(config);
      await copyKey('other-gpu');
      await startHome('other-gpu', ['sample', 'train']);
      const done = await untilEnded(config.name);
      expect(done).toMatchObject({ status: 'completed', iterationsDone: 1 });
      const { campaign: first } = await client.showCampaign('spread');
      expect(done.checkpoints[0]?.digest).toBe(first.checkpoints[0]?.digest);
      expect(done.head).not.toBe(first.head);
    });
  });
});
