import { cpus } from 'node:os';
import { expect, it } from 'vitest';
import { checkSandbox } from '../../src/sandbox/check-sandbox.ts';
import { OWNER_LABEL } from '../../src/sandbox/container-config.ts';
import { createSandbox } from '../../src/sandbox/create-sandbox.ts';
import { connectDocker } from '../../src/sandbox/docker-connection.ts';
import { ownerName } from '../../src/sandbox/owner.ts';

const request = (id: string, code: string) => ({ id, previousBlocks: [], code, seed: 1 });

it('a paused container is noticed by its silence, and its snippet runs elsewhere', { timeout: 600_000 }, async () => {
  const docker = connectDocker(process.env.DOCKER_HOST);
  const sandbox = await createSandbox({ slots: 1 });
  try {
    const running = sandbox.run([request('a', 'import time; time.sleep(4); print("done")')]);
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const [container] = await docker.listContainers({ filters: { label: [`${OWNER_LABEL}=${ownerName()}`] } });
    await docker.getContainer(container?.Id ?? '').pause();
    expect((await running)[0]).toMatchObject({ end: 'ok', stdout: 'done\n' });
    expect(sandbox.metrics()).toMatchObject({ containersLost: 1, retries: 1 });
  } finally {
    await sandbox.close();
  }
  expect(await docker.listContainers({ all: true, filters: { label: [`${OWNER_LABEL}=${ownerName()}`] } })).toEqual([]);
});

it('with three times as many containers as cores the ends are those of an idle machine', {
  timeout: 600_000,
}, async () => {
  // Half a second of work under a limit of 1.2: a wall limit would end most of these under this load.
  const works = Array.from({ length: 40 }, (_, i) =>
    request(`${i}`, `import time\nwhile time.process_time() < 0.5: pass\nprint(${i})`),
  );
  const mixed = works.flatMap((work, i) => (i % 10 === 3 ? [work, request(`loop${i}`, 'while True: pass')] : [work]));
  const ends: string[][] = [];
  for (const slots of [1, 3 * cpus().length]) {
    const sandbox = await createSandbox({ slots, cache: false, limits: { cpuMs: 1200, wallMs: 5000 } });
    try {
      ends.push((await sandbox.run(mixed)).map(({ id, end, stdout }) => `${id} ${end} ${stdout}`));
    } finally {
      await sandbox.close();
    }
  }
  expect(ends[1]).toEqual(ends[0]);
  expect(ends[0]?.filter((end) => end.includes(' ok '))).toHaveLength(40);
});

it('the canaries of `whencode doctor` find what is open where protections are off', { timeout: 600_000 }, async () => {
  const off = ['read-only', 'uid'] as const;
  const sandbox = await createSandbox({ slots: 1, limits: { cpuMs: 300 }, dangerouslySwitchOffProtections: off });
  try {
    const findings = await checkSandbox(sandbox);
    expect(findings.filter(({ ok }) => !ok).map(({ name }) => name)).toContain('can not write outside');
  } finally {
    await sandbox.close();
  }
});
