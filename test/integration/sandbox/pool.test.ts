import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { LABEL, OWNER_LABEL } from '../../../src/sandbox/container-config.ts';
import { createSandbox, type DockerSandbox } from '../../../src/sandbox/create-sandbox.ts';
import { connectDocker } from '../../../src/sandbox/docker-connection.ts';
import { readSandboxImageName } from '../../../src/sandbox/image-name.ts';
import { ownerName } from '../../../src/sandbox/owner.ts';
import { openSandbox, runCode } from './open-sandbox.ts';

const docker = connectDocker(process.env.DOCKER_HOST);

async function containersOf(owner: string): Promise<string[]> {
  const found = await docker.listContainers({ all: true, filters: { label: [`${OWNER_LABEL}=${owner}`] } });
  return found.map(({ Id }) => Id);
}

/** Containers that a sandbox opened by `open` has; other sandboxes of this process keep out. */
async function openWithContainers(open: () => Promise<DockerSandbox>): Promise<[DockerSandbox, string[]]> {
  const before = await containersOf(ownerName());
  const sandbox = await open();
  return [sandbox, (await containersOf(ownerName())).filter((id) => !before.includes(id))];
}

async function eventually(what: () => Promise<boolean>, limitMs = 120_000): Promise<boolean> {
  const end = Date.now() + limitMs;
  while (Date.now() < end) {
    if (await what()) return true;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return false;
}

const snippet = (id: string, code: string) => ({ id, previousBlocks: [], code, seed: 1 });

describe('pool', () => {
  it('gives every request its own answer, in order, independent of its neighbours', async () => {
    const sandbox = await openSandbox({ slots: 2, limits: { cpuMs: 300, wallMs: 60_000 } });
    const requests = Array.from({ length: 60 }, (_, i) =>
      snippet(
        `r${i}`,
        i % 20 === 7 ? 'while True: pass' : i % 20 === 13 ? 'import os; os.kill(0, 9)' : `print(${i} ** 2)`,
      ),
    );
    const seen: string[] = [];
    const results = await sandbox.run(requests, { onResult: ({ id }) => seen.push(id) });
    expect(results.map(({ id }) => id)).toEqual(requests.map(({ id }) => id));
    expect([...seen].sort()).toEqual(requests.map(({ id }) => id).sort());
    for (const [i, { end, stdout }] of results.entries()) {
      const expected = i % 20 === 7 ? ['cpu-timeout', ''] : i % 20 === 13 ? ['error', ''] : ['ok', `${i * i}\n`];
      expect([end, stdout], `request ${i}`).toEqual(expected);
    }
    expect(sandbox.metrics()).toMatchObject({ containersLost: 0, retries: 0 });
  });

  it('runs a snippet again whose container is killed from outside', async () => {
    const [sandbox, containers] = await openWithContainers(() => openSandbox());
    const running = runCode(sandbox, 'import time; time.sleep(3); print("done")');
    expect(containers).toHaveLength(1);
    await docker.getContainer(containers[0] ?? '').kill();
    expect(await running).toMatchObject({ end: 'ok', stdout: 'done\n' });
    expect(sandbox.metrics()).toMatchObject({ containersLost: 1, retries: 1, slots: 1 });
  });

  it('gives up after the third lost container: infrastructure, with the cause, and goes on working', async () => {
    const others = await containersOf(ownerName());
    const sandbox = await openSandbox();
    const running = runCode(sandbox, 'import time; time.sleep(9)');
    for (let started = 1; started <= 3; started++) {
      const isAtWork = async () => {
        const { containersStarted, slots, queued } = sandbox.metrics();
        return containersStarted === started && slots === 1 && queued === 0;
      };
      expect(await eventually(isAtWork)).toBe(true);
      for (const id of await containersOf(ownerName())) if (!others.includes(id)) await docker.getContainer(id).kill();
    }
    const result = await running;
    expect(result).toMatchObject({ end: 'infrastructure', stdout: '', stderr: '' });
    expect(result.cause).toMatch(/the container ended.*attempt 3 of 3/s);
    expect((await runCode(sandbox, 'print(1)')).stdout).toBe('1\n');
    expect(sandbox.metrics().ends.infrastructure).toBe(1);
  });

  it('answers ok and error from its memory, other ends never', async () => {
    const sandbox = await openSandbox({ cache: true, limits: { cpuMs: 100 } });
    const twice = async (code: string) => [await runCode(sandbox, code), await runCode(sandbox, code)];
    const [first, second] = await twice('import os; print(os.getpid(), open("/proc/uptime").read())');
    expect(first).toMatchObject({ cached: false });
    expect(second).toEqual({ ...first, cached: true, queueMs: 0 });
    await twice('1 / 0');
    expect(sandbox.metrics().cacheHits).toBe(2);
    await twice('while True: pass');
    expect(sandbox.metrics().cacheHits).toBe(2);
    await runCode(sandbox, '1 / 0', [], 2);
    await runCode(sandbox, '1 / 0', ['x = 1']);
    expect(sandbox.metrics().cacheHits).toBe(2);
  });

  it('stops at the call of a signal and is usable afterwards', async () => {
    const sandbox = await openSandbox();
    const controller = new AbortController();
    const requests = Array.from({ length: 50 }, (_, i) => snippet(`${i}`, 'import time; time.sleep(0.2)'));
    const running = sandbox.run(requests, { signal: controller.signal, onResult: () => controller.abort() });
    await expect(running).rejects.toThrow(/abort/i);
    expect((await runCode(sandbox, 'print(2)')).stdout).toBe('2\n');
    expect(sandbox.metrics().queued).toBe(0);
  });
});

describe('containers', () => {
  it('are gone after close, and requests after it end as infrastructure', async () => {
    const [sandbox, containers] = await openWithContainers(() => createSandbox({ slots: 1 }));
    expect(containers).toHaveLength(1);
    await sandbox.close();
    const left = await containersOf(ownerName());
    expect(left.filter((id) => containers.includes(id))).toEqual([]);
    expect(await runCode(sandbox, 'print(1)')).toMatchObject({
      end: 'infrastructure',
      cause: 'the sandbox was closed',
    });
  });

  it('go with a process that is killed', async () => {
    const child = spawn(process.execPath, ['--import', 'tsx', `${import.meta.dirname}/hold-sandbox.ts`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [owner] = await once(child.stdout, 'data');
    const containers = await containersOf(String(owner).trim());
    expect(containers).toHaveLength(1);
    child.kill('SIGKILL');
    expect(await eventually(async () => (await containersOf(String(owner).trim())).length === 0)).toBe(true);
  });

  it('of dead owners are removed at the next start, also when they never ran; those of the living stay', async () => {
    const [machine] = ownerName().split('/');
    const create = (owner: string) =>
      docker.createContainer({
        Image: readSandboxImageName(),
        Cmd: ['true'],
        Labels: { [LABEL]: '1', [OWNER_LABEL]: owner },
      });
    const dead = await create(`${machine}/4194303/1`);
    const reused = await create(`${machine}/${process.pid}/1`);
    const living = await create(ownerName());
    const elsewhere = await create('another-machine/1/1');
    const sandbox = await openSandbox();
    try {
      expect(sandbox.metrics().orphansRemoved).toBeGreaterThanOrEqual(2);
      await expect(dead.inspect()).rejects.toThrow();
      await expect(reused.inspect()).rejects.toThrow();
      await living.inspect();
      await elsewhere.inspect();
    } finally {
      await Promise.all([living, elsewhere].map((container) => container.remove({ force: true })));
    }
  });
});

describe('what is missing is named with its remedy', () => {
  it.each([
    [
      'no Docker',
      { dockerHost: 'unix:///nowhere/docker.sock' },
      /No Docker engine answers on unix:\/\/\/nowhere.*whencode doctor.*npm run setup/s,
    ],
    [
      'no image',
      { image: 'whencode-sandbox:never-made' },
      /image "whencode-sandbox:never-made" is not on .*npm run setup/s,
    ],
    ['no such scheme', { dockerHost: 'ftp://host' }, /is not unix:\/\//],
    ['limits that can not work', { limits: { cpuMs: 0 } }, /cpuMs is 0; it has to be a whole number, at least 10/],
  ])('%s', async (_name, options, message) => {
    await expect(createSandbox(options)).rejects.toThrow(message);
  });
});
