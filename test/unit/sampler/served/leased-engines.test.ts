/** A served sampler and a trainer on the same GPUs, with a server and a trainer that only note what they do. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Digest } from '../../../../src/artifacts/types.ts';
import { openGpuLease } from '../../../../src/process/gpu-lease.ts';
import type { Engine, Engines } from '../../../../src/sampler/engines.ts';
import { leaseEngines } from '../../../../src/sampler/served/leased-engines.ts';
import type { TrainerJob } from '../../../../src/trainer/job.ts';
import type { Launch } from '../../../../src/trainer/launcher.ts';
import { leaseTrainer } from '../../../../src/trainer/leased-trainer.ts';

const POLL_MS = 5;
const CHECKPOINT: Digest = `sha256:${'a'.repeat(64)}`;
const JOB = { kind: 'train' } as TrainerJob;

let folder: string;
let events: string[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gpus-'));
  events = [];
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const lease = () => openGpuLease({ folder, gpus: ['0', '1'], pollMs: POLL_MS });

/** One server, which starts with the first use. */
function notedServer(sleeps = false): Engines {
  let runs = false;
  let rests = false;
  return {
    async use(_checkpoint, work) {
      if (!runs) events.push('server starts');
      if (rests) events.push('server wakes');
      [runs, rests] = [true, false];
      return work({} as Engine);
    },
    ...(sleeps
      ? {
          async rest() {
            events.push('server sleeps');
            rests = true;
          },
        }
      : {}),
    async close() {
      if (!runs) return;
      await sleep(POLL_MS);
      events.push('server ends');
      runs = false;
    },
  };
}

const sampler = () => leaseEngines(notedServer(), lease(), POLL_MS);

function trainer(work: () => Promise<void> = async () => undefined) {
  return leaseTrainer(
    async () => {
      events.push('training starts');
      await work();
      events.push('training ends');
      return { kind: 'done', updates: 1, metrics: {} };
    },
    lease(),
    ['0', '1'],
  );
}

const options = { python: 'python', job: JOB, workDirectory: '/' };
const shard =
  (name: string, work = async () => undefined) =>
  async (): Promise<void> => {
    events.push(`${name} begins`);
    await work();
    events.push(`${name} ends`);
  };

test('the server ends after the work in hand, the training has the GPUs alone, and later work waits for it', async () => {
  const engines = sampler();
  let finish: () => void = () => undefined;
  const finished = new Promise<undefined>((resolve) => {
    finish = () => resolve(undefined);
  });
  const first = engines.use(
    CHECKPOINT,
    shard('shard 1', () => finished),
  );
  while (!events.includes('shard 1 begins')) await sleep(1);
  const training = trainer(() => sleep(10 * POLL_MS))(options);
  await sleep(10 * POLL_MS);
  const waits: number[] = [];
  const second = engines.use(CHECKPOINT, shard('shard 2'), { onWait: () => waits.push(1) });
  await sleep(10 * POLL_MS);
  expect(events).toEqual(['server starts', 'shard 1 begins']);
  finish();
  await Promise.all([first, training, second]);
  expect(events.slice(2)).toEqual([
    'shard 1 ends',
    'server ends',
    'training starts',
    'training ends',
    'server starts',
    'shard 2 begins',
    'shard 2 ends',
  ]);
  // A step that waits says so, or it would pass for one that hangs.
  expect(waits.length).toBeGreaterThan(2);
  await engines.close();
});

test('a server that can rest is not ended for a training, and is ended at the close, awake or not', async () => {
  const engines = leaseEngines(notedServer(true), lease(), POLL_MS);
  await engines.use(CHECKPOINT, shard('shard 1'));
  await trainer()(options);
  await engines.use(CHECKPOINT, shard('shard 2'));
  await trainer()(options);
  await engines.close();
  expect(events).toEqual([
    'server starts',
    ...['shard 1 begins', 'shard 1 ends', 'server sleeps', 'training starts', 'training ends'],
    'server wakes',
    ...['shard 2 begins', 'shard 2 ends', 'server sleeps', 'training starts', 'training ends'],
    'server ends',
  ]);
});

test('a caller that is cancelled while another has the GPUs leaves at once, and those behind it keep waiting', async () => {
  const holder = lease();
  await holder.take();
  const engines = sampler();
  const [first, second] = [new AbortController(), new AbortController()];
  const uses = [first.signal, second.signal, undefined].map((signal, at) =>
    engines.use(CHECKPOINT, shard(`shard ${at + 1}`), signal === undefined ? {} : { signal }),
  );
  const ends = Promise.allSettled(uses);
  await sleep(5 * POLL_MS);
  // The second waits behind the first, which waits for the GPUs.
  second.abort();
  await expect(uses[1]).rejects.toThrow('abort');
  first.abort();
  await expect(uses[0]).rejects.toThrow('abort');
  expect(events).toEqual([]);
  await holder.release();
  await ends;
  expect(events).toEqual(['server starts', 'shard 3 begins', 'shard 3 ends']);
  // No user is left behind: the server gives way.
  await trainer()(options);
  expect(events.slice(3)).toEqual(['server ends', 'training starts', 'training ends']);
  await engines.close();
});

test('a caller that is cancelled while the server should give way leaves, and the work in hand goes on', async () => {
  const engines = sampler();
  const cancelled = new AbortController();
  let training: Promise<unknown> = Promise.resolve();
  await engines.use(CHECKPOINT, async () => {
    training = trainer()(options);
    await sleep(5 * POLL_MS);
    const late = engines.use(CHECKPOINT, shard('late'), { signal: cancelled.signal });
    await sleep(5 * POLL_MS);
    cancelled.abort();
    await expect(late).rejects.toThrow('abort');
    events.push('work ends');
  });
  await training;
  expect(events).toEqual(['server starts', 'work ends', 'server ends', 'training starts', 'training ends']);
  await engines.close();
});

test('a server without work gives way, and one that nobody waits for stays', async () => {
  const engines = sampler();
  await engines.use(CHECKPOINT, shard('shard 1'));
  await sleep(10 * POLL_MS);
  await engines.use(CHECKPOINT, shard('shard 2'));
  await trainer()(options);
  await engines.close();
  expect(events).toEqual([
    'server starts',
    'shard 1 begins',
    'shard 1 ends',
    'shard 2 begins',
    'shard 2 ends',
    'server ends',
    'training starts',
    'training ends',
  ]);
});

test('closed, it gives its GPUs back, and who waits for them goes on', async () => {
  const engines = sampler();
  await engines.use(CHECKPOINT, shard('shard'));
  await engines.close();
  await trainer()(options);
  expect(events.slice(-3)).toEqual(['server ends', 'training starts', 'training ends']);
});

test('a training that fails gives the GPUs back, one that is cancelled while it waits never runs', async () => {
  await expect(trainer(() => Promise.reject(new Error('no disk')))(options)).rejects.toThrow('no disk');
  const engines = sampler();
  const cancelled = new AbortController();
  await engines.use(CHECKPOINT, async () => {
    const training = trainer()({ ...options, signal: cancelled.signal });
    await sleep(5 * POLL_MS);
    cancelled.abort();
    expect(await training).toEqual({ kind: 'cancelled' });
  });
  expect(events).toEqual(['training starts', 'server starts']);
  await engines.close();
});

test('the trainer sees its GPUs only, and a new model is made without any', async () => {
  const commands: unknown[] = [];
  const run = leaseTrainer(
    async ({ launcher, job }) => {
      commands.push(launcher?.command({ python: 'python', jobFile: 'job.json', job } satisfies Launch));
      return { kind: 'cancelled' };
    },
    lease(),
    ['0', '1'],
  );
  await run(options);
  const holder = lease();
  await holder.take();
  await run({ ...options, job: { kind: 'create-model' } as TrainerJob });
  await holder.release();
  expect(commands).toEqual([
    {
      file: 'env',
      args: ['CUDA_VISIBLE_DEVICES=0,1', 'python', '-E', '-s', '-m', 'whencode_trainer', 'job.json'],
    },
    undefined,
  ]);
});
