import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openStore } from '../../../src/artifacts/open-store.ts';
import type { ArtifactStore, Digest } from '../../../src/artifacts/types.ts';
import { SamplerCrashError } from '../../../src/sampler/engine/errors.ts';
import { createEngines } from '../../../src/sampler/engines.ts';
import { tinyModelConfig } from '../../support/model-config.ts';
import { characterTokenizer, createSimulatedParts } from '../../support/simulated-parts.ts';

let folder: string;
let store: ArtifactStore;
let checkpoints: Digest[];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'engines-'));
  store = await openStore(join(folder, 'store'));
  checkpoints = [];
  for (const length of [64, 128, 256]) {
    const model = await mkdtemp(join(folder, 'model-'));
    await writeFile(join(model, 'config.json'), JSON.stringify(tinyModelConfig({ max_position_embeddings: length })));
    checkpoints.push((await store.putTree(model)).digest);
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function countingEngines() {
  const events: string[] = [];
  const engines = createEngines(store, {
    async openSampler() {
      events.push('open');
      return { ...(await createSimulatedParts().openSampler()), close: async () => void events.push('close') };
    },
    readTokenizer: async () => characterTokenizer,
  });
  return { engines, events };
}

test('keeps two engines, and closes the one that was used longest ago', async () => {
  const { engines, events } = countingEngines();
  const [a, b, c] = checkpoints as [Digest, Digest, Digest];
  for (const checkpoint of [a, b, a, c, a]) await engines.use(checkpoint, async () => undefined);
  expect([...events].sort()).toEqual(['close', 'open', 'open', 'open']);
  await engines.close();
  expect(events.slice(4)).toEqual(['close', 'close']);
});

test('swaps the next weights into the engine that was used longest ago, and asks every call for its checkpoint', async () => {
  const events: string[] = [];
  const engines = createEngines(store, {
    async openSampler(_, { checkpoint: first }) {
      events.push('open');
      const sampler = await createSimulatedParts().openSampler();
      let served = first;
      return {
        ...sampler,
        score: async (requests, options) => {
          events.push(options?.checkpoint === served ? 'right' : 'wrong');
          return sampler.score(requests, options);
        },
        async swapWeights(_directory, checkpoint) {
          if (checkpoint === checkpoints[2]) throw new Error('does not fit');
          events.push('swap');
          served = checkpoint as Digest;
        },
        close: async () => void events.push('close'),
      };
    },
    readTokenizer: async () => characterTokenizer,
  });
  const [a, b, c] = checkpoints as [Digest, Digest, Digest];
  const model = await mkdtemp(join(folder, 'model-'));
  await writeFile(join(model, 'config.json'), JSON.stringify(tinyModelConfig()));
  const { digest: d } = await store.putTree(model);
  for (const checkpoint of [a, b, d, c])
    await engines.use(checkpoint, async ({ sampler }) => void (await sampler.score([])));
  expect(events).toEqual(['open', 'right', 'open', 'right', 'swap', 'right', 'close', 'open', 'right']);
});

test('never closes an engine that is in use', async () => {
  const { engines, events } = countingEngines();
  const [a, b, c] = checkpoints as [Digest, Digest, Digest];
  await engines.use(a, () =>
    engines.use(b, () => engines.use(c, async () => expect(events).toEqual(['open', 'open', 'open']))),
  );
});

test('opens another engine after one crashed, and after one could not be opened', async () => {
  const { engines, events } = countingEngines();
  const [a] = checkpoints as [Digest];
  const crash = engines.use(a, () => Promise.reject(new SamplerCrashError('a thread died')));
  await expect(crash).rejects.toThrow('a thread died');
  await engines.use(a, async () => undefined);
  expect(events).toEqual(['open', 'open']);
  const missing: Digest = `sha256:${'0'.repeat(64)}`;
  for (let round = 0; round < 2; round += 1)
    await expect(engines.use(missing, async () => undefined)).rejects.toMatchObject({ code: 'blob-missing' });
});
