import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { LimitedWorkError, limitedProcess, ProcessLimitError } from '../../../src/process/limited-process.ts';
import { isAlive } from '../../../src/process/process-identity.ts';

type Request = 'loop' | 'fill' | 'fill outside the heap' | 'throw' | 'environment' | 'pid' | 'exit';

const PROGRAM = `
import { serveRequests } from ${JSON.stringify(new URL('../../../src/process/limited-server.ts', import.meta.url).pathname)};
const kept: unknown[] = [];
serveRequests<string, unknown>((request) => {
  if (request === 'loop') for (;;);
  if (request === 'fill') for (;;) kept.push(new Array(1000).fill(kept.length));
  if (request === 'fill outside the heap') for (;;) kept.push(Buffer.alloc(1e6, 1));
  if (request === 'throw') throw new Error('thrown inside');
  if (request === 'exit') process.exit(3);
  if (request === 'environment') return Object.keys(process.env);
  return process.pid;
});`;

let folder: string;
let entry: URL;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'whencode-limited-'));
  await writeFile(join(folder, 'program.ts'), PROGRAM);
  const watch = new URL('../../../src/process/limits-watch.mjs', import.meta.url);
  await build({
    entryPoints: [join(folder, 'program.ts')],
    outfile: join(folder, 'program.mjs'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
    define: { 'import.meta.url': JSON.stringify(new URL('./', watch).href) },
  });
  entry = pathToFileURL(join(folder, 'program.mjs'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const open = (over: { entry?: URL; idleMs?: number } = {}) =>
  limitedProcess<Request, unknown>({ entry, cpuMs: 500, memoryMb: 150, idleMs: 200, ...over });

describe('a process with limits', () => {
  it('answers in order, and is started once for requests that follow each other', async () => {
    const ask = open({ idleMs: 60_000 });
    const [one, error, two] = await Promise.allSettled([ask('pid'), ask('throw'), ask('pid')]);
    expect(one).toEqual(two);
    expect(one).toMatchObject({ value: expect.any(Number) });
    expect(error).toMatchObject({ reason: expect.any(LimitedWorkError) });
    expect(error).toMatchObject({ reason: { message: 'thrown inside' } });
  });

  it('that ends by itself has reached no limit, and the requests behind it are answered', async () => {
    const ask = open({ idleMs: 60_000 });
    const [ended, next] = await Promise.allSettled([ask('exit'), ask('pid')]);
    expect(ended).toMatchObject({ reason: { message: expect.stringContaining('a process ended (exit code 3)') } });
    expect(ended).not.toMatchObject({ reason: expect.any(ProcessLimitError) });
    expect(next).toMatchObject({ value: expect.any(Number) });
  });

  it.each([
    ['loop', 'CPU time'],
    ['fill', 'memory'],
    ['fill outside the heap', 'memory'],
  ] as const)('ends at its limit in a %s, and the requests behind it are answered', async (request, limit) => {
    const ask = open();
    const [first, second] = await Promise.allSettled([ask(request), ask('pid')]);
    expect(first).toMatchObject({ status: 'rejected', reason: { limit } });
    expect(first.status === 'rejected' && first.reason).toBeInstanceOf(ProcessLimitError);
    expect(second.status).toBe('fulfilled');
  });

  it('sees nothing of the environment', async () => {
    vi.stubEnv('WHENCODE_SECRET', 'x');
    const names = (await open()('environment')) as string[];
    expect(names.filter((name) => !name.startsWith('NODE_'))).toEqual([]);
    vi.unstubAllEnvs();
  });

  it('ends when it is not used', async () => {
    const pid = Number(await open()('pid'));
    await vi.waitFor(async () => expect(await isAlive({ pid, startedAt: '' })).toBe(false), { timeout: 60_000 });
  });

  it('that does not start is no limit', async () => {
    const broken = join(folder, 'broken.mjs');
    await writeFile(broken, "throw new Error('no such thing');");
    const error = await open({ entry: pathToFileURL(broken) })('pid').catch((reason: unknown) => reason);
    expect(error).not.toBeInstanceOf(ProcessLimitError);
    expect(String(error)).toMatch(/did not start .*no such thing/s);
  });

  it('in a loop is gone when its parent is killed', async () => {
    const starter = join(folder, 'starter.mjs');
    await writeFile(
      starter,
      `import { fork } from 'node:child_process';
const child = fork(${JSON.stringify(entry.pathname)}, ['150']);
child.on('message', ({ kind, answer }) => {
  if (kind === 'ready') child.send({ cpuMs: 1e6, request: 'pid' });
  else child.send({ cpuMs: 1e6, request: 'loop' }, () => { console.log(answer); process.kill(process.pid, 'SIGKILL'); });
});`,
    );
    const pid = await new Promise<number>((resolve) => {
      execFile(process.execPath, [starter], (_, stdout) => resolve(Number(stdout)));
    });
    expect(pid).toBeGreaterThan(1);
    await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow(/ESRCH/), { timeout: 60_000 });
  });
});
