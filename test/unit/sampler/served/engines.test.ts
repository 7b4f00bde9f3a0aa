import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { shortDigest } from '../../../../src/artifacts/digest.ts';
import { openStore } from '../../../../src/artifacts/open-store.ts';
import type { ArtifactStore, Digest } from '../../../../src/artifacts/types.ts';
import { SamplerCrashError } from '../../../../src/sampler/engine/errors.ts';
import { createServedEngines } from '../../../../src/sampler/served/engines.ts';
import { tinyModelConfig } from '../../../support/model-config.ts';
import { characterTokenizer, createSimulatedParts } from '../../../support/simulated-parts.ts';

let folder: string;
let store: ArtifactStore;
let a: Digest;
let b: Digest;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'served-engines-'));
  store = await openStore(join(folder, 'store'));
  const checkpoint = async (length: number): Promise<Digest> => {
    const model = await mkdtemp(join(folder, 'model-'));
    await writeFile(join(model, 'config.json'), JSON.stringify(tinyModelConfig({ max_position_embeddings: length })));
    return (await store.putTree(model)).digest;
  };
  [a, b] = [await checkpoint(64), await checkpoint(128)];
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Servers that note when they come and go, by the checkpoint's letter. */
function notingEngines(
  patienceMs?: number,
  swap?: 'swaps' | 'fails',
  swapGate = Promise.resolve(),
  sleeping?: 'sleeps' | 'stays awake',
) {
  const events: string[] = [];
  const letterOf = (digest: Digest): string => (digest === a ? 'a' : digest === b ? 'b' : shortDigest(digest));
  const engines = createServedEngines(store, {
    async openServer(_folder, checkpoint) {
      events.push(`open ${letterOf(checkpoint)}`);
      const sampler = await createSimulatedParts().openSampler();
      const swapWeights = async (_directory: string, next: Digest): Promise<void> => {
        events.push(`swap ${letterOf(next)}`);
        await swapGate;
        if (swap === 'fails') throw new SamplerCrashError('no such weights');
      };
      return {
        ...sampler,
        ...(swap === undefined
          ? {}
          : { swapWeights: (folder: string, next: string) => swapWeights(folder, next as Digest) }),
        ...(sleeping === undefined
          ? {}
          : {
              async sleep() {
                if (sleeping === 'stays awake') throw new SamplerCrashError('no sleep mode');
                events.push('sleep');
              },
            }),
        async close() {
          await new Promise((resolve) => setTimeout(resolve, 5));
          events.push(`close ${letterOf(checkpoint)}`);
        },
      };
    },
    readTokenizer: async () => characterTokenizer,
    onNote: (note) => void events.push(note.replace(/sha256:\w+/, 'b')),
    ...(patienceMs === undefined ? {} : { patienceMs }),
  });
  return { engines, events };
}

/** Work that lasts until it is let go. */
function openEnd() {
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  return { end, work: () => ended };
}

test('serves one checkpoint at a time: the next only after the last is gone', async () => {
  const { engines, events } = notingEngines();
  const first = openEnd();
  const using = engines.use(a, first.work);
  const next = engines.use(b, async () => void events.push('use b'));
  await engines.use(a, async () => void events.push('use a'));
  first.end();
  await Promise.all([using, next]);
  await engines.close();
  expect(events).toEqual(['open a', 'use a', 'close a', 'open b', 'use b', 'close b']);
});

test('gives the next checkpoint to the server that runs, if it takes other weights', async () => {
  const { engines, events } = notingEngines(undefined, 'swaps');
  const first = openEnd();
  const using = engines.use(a, first.work);
  const next = engines.use(b, async () => void events.push('use b'));
  first.end();
  await Promise.all([using, next]);
  await engines.use(a, async () => void events.push('use a'));
  await engines.close();
  expect(events).toEqual(['open a', 'swap b', 'use b', 'swap a', 'use a', 'close a']);
});

test('starts another server where the one that runs does not take the weights', async () => {
  const { engines, events } = notingEngines(undefined, 'fails');
  await engines.use(a, async () => undefined);
  await engines.use(b, async () => void events.push('use b'));
  const missing: Digest = `sha256:${'0'.repeat(64)}`;
  await expect(engines.use(missing, async () => undefined)).rejects.toMatchObject({ code: 'blob-missing' });
  await engines.close();
  const refused = 'the model server did not take b, another is started: SamplerCrashError: no such weights';
  const gone = expect.stringContaining('StoreError: blob');
  expect(events).toEqual(['open a', 'swap b', refused, 'close a', 'open b', 'use b', gone, 'close b']);
});

test('closed while a server is about to refuse other weights, it ends, and with it who waited for them', async () => {
  const gate = openEnd();
  const { engines, events } = notingEngines(undefined, 'fails', gate.work());
  await engines.use(a, async () => undefined);
  const using = engines.use(b, async () => void events.push('use b'));
  while (!events.includes('swap b')) await new Promise((resolve) => setTimeout(resolve, 1));
  const closing = engines.close();
  gate.end();
  await Promise.all([using, closing]);
  expect(events.slice(-4)).toEqual(['close a', 'open b', 'use b', 'close b']);
});

test('does not let users of the served checkpoint overtake for ever', async () => {
  const { engines, events } = notingEngines(-1);
  const first = openEnd();
  const using = engines.use(a, first.work);
  const others = [
    engines.use(b, async () => void events.push('use b')),
    engines.use(a, async () => void events.push('use a')),
  ];
  first.end();
  await Promise.all([using, ...others]);
  expect(events).toEqual(['open a', 'close a', 'open b', 'use b', 'close b', 'open a', 'use a']);
});

test('starts another server after one is gone, also for those who were using it', async () => {
  const { engines, events } = notingEngines();
  const crash = () => engines.use(a, () => Promise.reject(new SamplerCrashError('the server is gone')));
  const crashes = await Promise.allSettled([crash(), crash()]);
  expect(crashes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  await engines.use(a, async () => undefined);
  expect(events).toEqual(['open a', 'close a', 'open a']);
  const missing: Digest = `sha256:${'0'.repeat(64)}`;
  for (let round = 0; round < 2; round += 1)
    await expect(engines.use(missing, async () => undefined)).rejects.toMatchObject({ code: 'blob-missing' });
});

test('a server that can sleep rests in place of being ended, and wakes with the weights that are asked for, also with the same', async () => {
  for (const next of [a, b]) {
    const { engines, events } = notingEngines(undefined, 'swaps', undefined, 'sleeps');
    await engines.use(a, async () => undefined);
    await engines.rest?.();
    await engines.use(next, async () => undefined);
    await engines.close();
    expect(events).toEqual(['open a', 'sleep', `swap ${next === a ? 'a' : 'b'}`, 'close a']);
  }
});

test('a server that does not sleep, or wake, is ended and another one is started', async () => {
  const awake = notingEngines(undefined, 'swaps', undefined, 'stays awake');
  await awake.engines.use(a, async () => undefined);
  await awake.engines.rest?.();
  expect(awake.events).toEqual(['open a', expect.stringMatching(/does not sleep.*no sleep mode/), 'close a']);
  await awake.engines.use(a, async () => undefined);
  expect(awake.events.slice(3)).toEqual(['open a']);
  await awake.engines.close();
  const asleep = notingEngines(undefined, 'fails', undefined, 'sleeps');
  await asleep.engines.use(a, async () => undefined);
  await asleep.engines.rest?.();
  await asleep.engines.use(b, async () => undefined);
  expect(asleep.events.filter((event) => /^(open|sleep|close)/.test(event))).toEqual([
    'open a',
    'sleep',
    'close a',
    'open b',
  ]);
  await asleep.engines.close();
});
