/** A VersityGW of the test's own, on a folder of its own. */
import { spawn } from 'node:child_process';
import { access, mkdtemp, rm } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { versityPath } from '../../infra/setup/versitygw.mjs';
import { readEnvironment } from '../../src/config/environment.ts';
import { freePort } from '../../src/process/port.ts';

const PROGRAM = versityPath(readEnvironment().cacheDirectory);
export const hasS3Server: boolean = await access(PROGRAM).then(
  () => true,
  () => false,
);

export interface TestS3 {
  readonly endpoint: string;
  readonly client: S3Client;
  /** Makes a bucket and returns its name. */
  makeBucket(): Promise<string>;
  /** The file of an object. */
  pathOf(bucket: string, key: string): string;
  stop(): Promise<void>;
}

/** Credentials and region are set in this process's environment, where every AWS tool finds them. */
export async function startS3(): Promise<TestS3> {
  Object.assign(process.env, {
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'not-to-be-shown',
    AWS_REGION: 'us-east-1',
    AWS_EC2_METADATA_DISABLED: 'true',
  });
  const folder = await mkdtemp(join(tmpdir(), 'whencode-s3-'));
  const port = await freePort(undefined);
  const account = ['--access', 'test', '--secret', 'not-to-be-shown'];
  const server = spawn(PROGRAM, ['--quiet', ...account, '--port', `127.0.0.1:${port}`, 'posix', folder], {
    stdio: 'ignore',
  });
  const endpoint = `http://127.0.0.1:${port}`;
  const client = new S3Client({ endpoint, forcePathStyle: true });
  while (!(await answers(port))) {
    if (server.exitCode !== null) throw new Error(`VersityGW ended with code ${server.exitCode}`);
    await sleep(50);
  }
  let buckets = 0;
  return {
    endpoint,
    client,
    async makeBucket() {
      buckets += 1;
      await client.send(new CreateBucketCommand({ Bucket: `bucket-${buckets}` }));
      return `bucket-${buckets}`;
    },
    pathOf: (bucket, key) => join(folder, bucket, key),
    async stop() {
      client.destroy();
      server.kill('SIGKILL');
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
