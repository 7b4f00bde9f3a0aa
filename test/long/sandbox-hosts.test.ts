import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createSandbox } from '../../src/sandbox/create-sandbox.ts';
import { connectDocker } from '../../src/sandbox/docker-connection.ts';
import { OwnDockerd } from './own-dockerd.ts';

const canRun = (() => {
  try {
    execFileSync('dockerd', ['--version']);
    return process.getuid?.() === 0;
  } catch {
    return false;
  }
})();
if (!canRun) console.warn("SKIPPED: engines of one's own. dockerd has to be installed and this has to be root");

const own = new OwnDockerd();
beforeAll(async () => {
  if (!canRun) return;
  await own.start();
  await own.copyImage();
}, 300_000);
afterAll(() => own.remove(), 120_000);

const squares = Array.from({ length: 60 }, (_, i) => ({
  id: `${i}`,
  previousBlocks: [],
  code: `import time\ntime.sleep(0.1)\nprint(${i} ** 2)`,
  seed: 1,
}));
const right = squares.map(({ id }) => ['ok', `${Number(id) ** 2}\n`]);
const endsOf = (results: readonly { end: string; stdout: string }[]) => results.map(({ end, stdout }) => [end, stdout]);

it.skipIf(!canRun)(
  'an engine that is killed and started again costs retries, no outcome',
  {
    timeout: 600_000,
  },
  async () => {
    const sandbox = await createSandbox({ dockerHost: own.host, slots: 2, cache: false });
    try {
      let restarted: Promise<void> | undefined;
      const results = await sandbox.run(squares, {
        onResult: () => {
          restarted ??= own.kill().then(() => own.start());
        },
      });
      await restarted;
      expect(endsOf(results)).toEqual(right);
      expect(sandbox.metrics().containersLost).toBeGreaterThanOrEqual(1);
    } finally {
      await sandbox.close();
    }
    const left = await connectDocker(own.host).listContainers({ all: true });
    expect(left).toEqual([]);
  },
);

it.skipIf(!canRun)(
  'work is spread over hosts; when one is lost the other does the rest',
  {
    timeout: 600_000,
  },
  async () => {
    const hosts = [process.env.DOCKER_HOST ?? 'unix:///var/run/docker.sock', own.host];
    const sandbox = await createSandbox({ dockerHost: hosts, slots: 1, cache: false });
    try {
      const isOn = (): number => sandbox.describe().filter((line) => / 1 containers/.test(line)).length;
      for (let waited = 0; isOn() < 2 && waited < 600; waited++)
        await new Promise((resolve) => setTimeout(resolve, 100));
      expect(isOn()).toBe(2);
      let lost: Promise<void> | undefined;
      let seen = 0;
      const results = await sandbox.run(squares, {
        onResult: () => {
          seen++;
          if (seen === 10) lost = own.kill();
        },
      });
      await lost;
      expect(endsOf(results)).toEqual(right);
      expect(isOn()).toBe(1);
    } finally {
      await sandbox.close();
    }
  },
);
