import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { stepKey } from '../../../src/artifacts/digest.ts';
import { blobKey, manifestKey } from '../../../src/artifacts/keys.ts';
import { runStep } from '../../../src/artifacts/step.ts';
import type { ArtifactStore, Digest, StepInputs } from '../../../src/artifacts/types.ts';
import { describeEachStorage, type StorageUnderTest } from './storages.ts';

const step = (seed: string): StepInputs => ({ stage: 'train', version: 1, inputs: {}, config: null, seed });

describeEachStorage('care of the store in', (open) => {
  let at: StorageUnderTest;
  let store: ArtifactStore;
  beforeEach(async () => {
    at = await open();
    store = await at.openStore();
  });
  afterEach(() => at.remove());

  /** A committed step whose output is a checkpoint with weights of its own and a tokenizer that all share. */
  async function train(seed: string): Promise<{ key: Digest; checkpoint: Digest; weights: Digest; tokenizer: Digest }> {
    const source = join(at.folder, `source-${seed}`);
    await mkdir(source, { recursive: true });
    await writeFile(join(source, 'weights'), `weights of ${seed}`);
    await writeFile(join(source, 'tokenizer'), 'shared by all');
    const { key, outputs } = await runStep(store, step(seed), async () => ({
      outputs: { checkpoint: await store.putTree(source) },
      facts: {},
    }));
    const checkpoint = outputs.checkpoint?.digest ?? key;
    const { files } = await store.readTree(checkpoint);
    return { key, checkpoint, weights: files.weights?.digest ?? key, tokenizer: files.tokenizer?.digest ?? key };
  }

  const compute = async () => ({ outputs: { text: await store.putBlob(Buffer.from('result')) }, facts: {} });

  describe('a finished step whose output is gone', () => {
    test('is not taken for done: the error names step, output and what can be done', async () => {
      const { key, outputs } = await runStep(store, step('a'), compute);
      await at.lose(blobKey(outputs.text?.digest ?? key));
      const failure = runStep(store, step('a'), compute);
      await expect(failure).rejects.toMatchObject({ name: 'StoreError', code: 'blob-missing' });
      await expect(failure).rejects.toThrow(
        new RegExp(`step train was done, but its output "text" .* is missing; .*whencode store forget ${key}`),
      );
      expect(await store.retireManifest(key)).toBe(true);
      expect((await runStep(store, step('a'), compute)).key).toBe(key);
      expect(await store.retireManifest(stepKey(step('never')))).toBe(false);
    });

    test('goes on where the file was put back', async () => {
      const { key, outputs } = await runStep(store, step('a'), compute);
      await at.lose(blobKey(outputs.text?.digest ?? key));
      await store.putBlob(Buffer.from('result'));
      expect((await runStep(store, step('a'), () => Promise.reject(new Error('computed again')))).key).toBe(key);
    });

    test('a file lost from inside a checkpoint counts, and a changed one of equal length is found by reading', async () => {
      const { key, weights, tokenizer } = await train('a');
      const manifest = await store.readManifest(key);
      if (manifest === undefined) throw new Error('it was committed');
      expect(await store.findFlaws(manifest, true)).toEqual([]);
      await at.damage(blobKey(weights), 'weights of b');
      expect(await store.findFlaws(manifest, false)).toEqual([]);
      const damaged = { output: 'checkpoint/weights', digest: weights, kind: 'damaged' };
      expect(await store.findFlaws(manifest, true)).toEqual([damaged]);
      await at.lose(blobKey(tokenizer));
      expect(await store.findFlaws(manifest, false)).toEqual([
        { output: 'checkpoint/tokenizer', digest: tokenizer, kind: 'missing' },
      ]);
      // Set aside with its damaged file, so that what is computed again is not taken for stored.
      await store.retireManifest(key);
      await train('a');
      expect(await store.findFlaws(manifest, true)).toEqual([]);
    });

    test('a torn manifest is an error that names it, listed and not fatal to a check', async () => {
      const { key } = await runStep(store, step('a'), compute);
      await runStep(store, step('b'), compute);
      await at.damage(manifestKey(key), '{"key": "sha');
      await expect(store.readManifest(key)).rejects.toMatchObject({ code: 'manifest-damaged' });
      const damaged: Digest[] = [];
      const whole: Digest[] = [];
      for await (const manifest of store.listManifests((torn) => damaged.push(torn))) whole.push(manifest.key);
      expect([damaged, whole]).toEqual([[key], [stepKey(step('b'))]]);
      await store.retireManifest(key);
      expect((await runStep(store, step('a'), compute)).key).toBe(key);
    });
  });

  describe('collecting a checkpoint', () => {
    test('deletes its own files, keeps shared ones, and lets its step be computed again to the same', async () => {
      const [old, kept] = [await train('old'), await train('kept')];
      await store.materialiseTree(old.checkpoint);
      for (const blob of [old.checkpoint, old.weights, old.tokenizer]) await at.age(blobKey(blob), Date.now() - 60_000);
      const keep = new Set([kept.checkpoint, kept.weights, kept.tokenizer]);
      const freed = await store.collectTree(old.checkpoint, { maker: old.key, keep });
      expect(freed).toBeGreaterThanOrEqual('weights of old'.length);
      expect(await store.hasTree(old.checkpoint)).toBe(false);
      expect(await store.hasBlob(old.weights)).toBe(false);
      expect(await store.hasTree(kept.checkpoint)).toBe(true);
      expect(await readdir(join(at.folder, 'trees'))).toEqual([]);
      expect(await store.collectTree(old.checkpoint, { maker: old.key, keep })).toBe(0);
      expect(await train('old')).toEqual(old);
      expect(await store.hasTree(old.checkpoint)).toBe(true);
    });

    test('leaves what another step has stored again meanwhile, as long as that is young', async () => {
      const { key, checkpoint, weights } = await train('a');
      const past = Date.now() - 60_000;
      await at.age(manifestKey(key), past);
      // Another step has the same bytes, and has not committed yet.
      await store.putBlob(Buffer.from('weights of a'));
      await store.collectTree(checkpoint, { maker: key, keep: new Set() });
      expect(await store.hasBlob(weights)).toBe(true);
      const longAgo = Date.now() - 7_200_000;
      await at.age(blobKey(weights), longAgo);
      const again = await train('a');
      await at.age(blobKey(weights), longAgo);
      await store.collectTree(again.checkpoint, { maker: again.key, keep: new Set() });
      expect(await store.hasBlob(weights)).toBe(false);
    });

    test('a step that stores the same bytes at the same time never commits without them', async () => {
      for (let round = 0; round < 30; round += 1) {
        const { key, checkpoint, weights } = await train(`round ${round}`);
        await at.age(blobKey(weights), Date.now() - 60_000);
        const commit = runStep(store, step(`other ${round}`), async () => ({
          outputs: { weights: await store.putBlob(Buffer.from(`weights of round ${round}`)) },
          facts: {},
        })).catch((error: unknown) => error);
        await store.collectTree(checkpoint, { maker: key, keep: new Set() });
        // Either it has the bytes, or it was refused and is tried again.
        if ((await commit) instanceof Error) await expect(commit).resolves.toMatchObject({ code: 'blob-missing' });
        else expect(await store.hasBlob(weights)).toBe(true);
      }
    });
  });

  test('a damaged blob of another length is rewritten when it is stored again', async () => {
    const { digest } = await store.putBlob(Buffer.from('whole'));
    await at.damage(blobKey(digest), 'who');
    await store.putBlob(Buffer.from('whole'));
    expect((await store.readBlob(digest)).toString()).toBe('whole');
  });
});
