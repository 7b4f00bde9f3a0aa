import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { digestOfBytes, hexOf, stepKey } from '../../../src/artifacts/digest.ts';
import { blobKey } from '../../../src/artifacts/keys.ts';
import { openStore } from '../../../src/artifacts/open-store.ts';
import { outputOf, runStep } from '../../../src/artifacts/step.ts';
import type { ArtifactStore, JournalEntry, StepInputs } from '../../../src/artifacts/types.ts';
import { describeEachStorage, type StorageUnderTest } from './storages.ts';

const step = (seed: string): StepInputs => ({ stage: 'sample', version: 1, inputs: {}, config: { k: 4 }, seed });

describeEachStorage('the store in', (open) => {
  let at: StorageUnderTest;
  let store: ArtifactStore;
  beforeAll(async () => {
    at = await open();
    store = await at.openStore();
  });
  afterAll(() => at.remove());

  describe('blobs', () => {
    test('any bytes come back as they were, under the digest of their content', async () => {
      await fc.assert(
        fc.asyncProperty(fc.uint8Array({ maxLength: 4096 }), async (bytes) => {
          const ref = await store.putBlob(bytes);
          expect(ref).toEqual({ digest: digestOfBytes(bytes), bytes: bytes.length });
          expect([...(await store.readBlob(ref.digest))]).toEqual([...bytes]);
        }),
        { numRuns: 25 },
      );
    });

    test('a missing blob and a changed one have different errors', async () => {
      await expect(store.readBlob(digestOfBytes('never stored'))).rejects.toMatchObject({ code: 'blob-missing' });
      const { digest } = await store.putBlob(Buffer.from('true'));
      await at.damage(blobKey(digest), 'untrue');
      await expect(store.readBlob(digest)).rejects.toMatchObject({ code: 'blob-damaged' });
    });

    test('a blob is streamed whole, and refused where its length is another one', async () => {
      const content = Buffer.alloc(300_000, 'stream');
      const ref = await store.putBlob(content);
      const chunks: Buffer[] = [];
      for await (const chunk of await store.streamBlob(ref)) chunks.push(chunk);
      expect(Buffer.concat(chunks).equals(content)).toBe(true);
      await at.damage(blobKey(ref.digest), 'cut');
      await expect(store.streamBlob(ref)).rejects.toMatchObject({ code: 'blob-missing' });
    });
  });

  describe('files', () => {
    test('a file that is adopted is stored by its content and is gone afterwards, known digest or not', async () => {
      for (const [text, digest] of [['one', undefined] as const, ['two', digestOfBytes('two')] as const]) {
        const ref = await store.inStoreFolder(async (folder) => {
          const file = join(folder, 'file');
          await writeFile(file, text);
          return store.adoptFile(file, digest);
        });
        expect(ref).toEqual({ digest: digestOfBytes(text), bytes: 3 });
        expect(`${await store.readBlob(ref.digest)}`).toBe(text);
      }
      const written = (await readdir(join(at.folder, 'tmp'))).filter((name) => name.startsWith('written-'));
      expect(written).toEqual([]);
    });

    test('a blob is fetched as a file, and refused where it is missing or has another content', async () => {
      const { digest } = await store.putBlob(Buffer.from('fetched'));
      await store.fetchBlob(digest, join(at.folder, 'fetched'));
      expect(`${await readFile(join(at.folder, 'fetched'))}`).toBe('fetched');
      const missing = digestOfBytes('never stored');
      await expect(store.fetchBlob(missing, join(at.folder, 'no'))).rejects.toMatchObject({ code: 'blob-missing' });
      await at.damage(blobKey(digest), 'changed');
      await expect(store.fetchBlob(digest, join(at.folder, 'no'))).rejects.toMatchObject({ code: 'blob-damaged' });
      expect(await readdir(at.folder)).not.toContain('no');
    });
  });

  describe('trees', () => {
    test('a folder is stored, named by its content alone, and unpacked with equal files', async () => {
      const source = join(at.folder, 'source');
      await mkdir(join(source, 'deep'), { recursive: true });
      await writeFile(join(source, 'config.json'), '{}');
      await writeFile(join(source, 'deep', 'weights'), Buffer.alloc(100_000, 7));
      const tree = await store.putTree(source);
      expect(await store.putTree(source)).toEqual(tree);
      const own = join(at.folder, 'own');
      await cp(source, own, { recursive: true });
      expect(await store.adoptTree(own)).toEqual(tree);
      const unpacked = await Promise.all([1, 2, 3].map(() => store.materialiseTree(tree.digest)));
      expect(new Set(unpacked).size).toBe(1);
      expect((await readFile(join(unpacked[0] ?? '', 'deep', 'weights'))).equals(Buffer.alloc(100_000, 7))).toBe(true);
    });

    test('a tree that lost a blob is not unpacked', async () => {
      const source = join(at.folder, 'losing');
      await mkdir(source);
      await writeFile(join(source, 'weights'), 'will be lost');
      const tree = await store.putTree(source);
      await at.lose(blobKey(digestOfBytes('will be lost')));
      await expect(store.materialiseTree(tree.digest)).rejects.toThrow(/weights .* not whole/);
      expect(await readdir(join(at.folder, 'trees'))).not.toContain(hexOf(tree.digest));
    });
  });

  describe('manifests', () => {
    test('the key depends on every part of the inputs, and not on the order of fields', () => {
      const base = stepKey(step('1'));
      expect(stepKey({ seed: '1', config: { k: 4 }, inputs: {}, version: 1, stage: 'sample' })).toBe(base);
      const others = [
        step('2'),
        { ...step('1'), version: 2 },
        { ...step('1'), config: { k: 5 } },
        { ...step('1'), inputs: { a: base } },
      ];
      expect(new Set([base, ...others.map(stepKey)]).size).toBe(5);
    });

    test('a step computes once; a failing one commits nothing', async () => {
      let computed = 0;
      const compute = async () => {
        computed += 1;
        return { outputs: { text: await store.putBlob(Buffer.from('result')) }, facts: { rollouts: 8 } };
      };
      await expect(runStep(store, step('once'), () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
      const first = await runStep(store, step('once'), compute);
      expect(await runStep(store, step('once'), compute)).toEqual(first);
      expect(computed).toBe(1);
      expect(outputOf(first, 'text').bytes).toBe(6);
      expect(() => outputOf(first, 'tokens')).toThrow(/no output "tokens"; it has: text/);
    });

    test('a manifest is refused when an output is not in the store', async () => {
      const ghost = { digest: digestOfBytes('ghost'), bytes: 5 };
      const commit = store.commitManifest({ step: step('ghost'), outputs: { ghost }, facts: {}, information: {} });
      await expect(commit).rejects.toMatchObject({ code: 'blob-missing' });
      expect(await store.readManifest(stepKey(step('ghost')))).toBeUndefined();
    });

    test('of committers at the same time one wins and all adopt its manifest', async () => {
      const output = await store.putBlob(Buffer.from('shared'));
      const stores = await Promise.all(Array.from({ length: 8 }, () => at.openStore()));
      for (let round = 0; round < 10; round += 1) {
        const committed = await Promise.all(
          stores.map((one, by) =>
            one.commitManifest({ step: step(`among ${round}`), outputs: { output }, facts: { by }, information: {} }),
          ),
        );
        const standing = await store.readManifest(stepKey(step(`among ${round}`)));
        for (const manifest of committed) expect(manifest).toEqual(standing);
      }
    });

    test('an observer sees the computations of its store object, and no other', async () => {
      const seen: string[] = [];
      const observed = await at.openStore({
        began: (_key, stage) => seen.push(`${stage} began`),
        ended: (_key, stage, how) => seen.push(`${stage} ${how}`),
      });
      const compute = async () => ({ outputs: {}, facts: {} });
      await runStep(observed, step('observed'), compute);
      await runStep(observed, step('observed'), compute);
      await runStep(store, step('not observed'), compute);
      await expect(runStep(observed, step('fails'), () => Promise.reject(new Error('broken')))).rejects.toThrow(
        'broken',
      );
      expect(seen).toEqual(['sample began', 'sample committed', 'sample began', 'sample failed']);
    });
  });

  describe('the journal', () => {
    test('keeps entries in order of time, each once', async () => {
      const entry = (at: string, kind: string) => ({ at, kind, details: { who: 'operator' } });
      await store.appendJournal('math', entry('2026-01-02T00:00:00.000Z', 'resumed'));
      await store.appendJournal('math', entry('2026-01-01T00:00:00.000Z', 'paused'));
      await store.appendJournal('math', entry('2026-01-01T00:00:00.000Z', 'paused'));
      expect((await store.readJournal('math')).map(({ text }) => (JSON.parse(text) as JournalEntry).kind)).toEqual([
        'paused',
        'resumed',
      ]);
      expect(await store.readJournal('unknown')).toEqual([]);
      expect(await store.listJournals()).toEqual(['math']);
      await expect(store.readJournal('../blobs')).rejects.toThrow(/lower-case letters/);
    });
  });

  test('a store of a newer version is refused and left as it is', async () => {
    const other = await open();
    await other.storage.put('format', Buffer.from('2\n'));
    await expect(other.openStore()).rejects.toMatchObject({ code: 'newer-format' });
    await other.remove();
  });
});

describe('the store in a directory', () => {
  let folder: string;
  let store: ArtifactStore;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'store-'));
    store = await openStore(folder);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('torn temporary files are swept once they are old, and never read', async () => {
    await writeFile(join(folder, 'tmp', 'torn'), 'half');
    await writeFile(join(folder, 'tmp', 'being-written'), 'half');
    const longAgo = new Date(Date.now() - 7_200_000);
    await utimes(join(folder, 'tmp', 'torn'), longAgo, longAgo);
    await openStore(folder);
    expect(await readdir(join(folder, 'tmp'))).toEqual(['being-written']);
  });

  test('of writers in several processes one wins and all adopt its manifest', async () => {
    const writer = fileURLToPath(new URL('./competing-writer.ts', import.meta.url));
    const run = promisify(execFile);
    const outcomes = await Promise.all(
      ['a', 'b', 'c', 'd'].map((name) => run(process.execPath, ['--import', 'tsx', writer, folder, name, '40'])),
    );
    const seen = outcomes.map(({ stdout }) => JSON.parse(stdout) as string[]);
    for (const other of seen.slice(1)) expect(other).toEqual(seen[0]);
    for (const [index, winner] of (seen[0] ?? []).entries())
      expect((await store.readManifest(stepKey(step(`race ${index}`))))?.facts).toEqual({ by: winner });
    expect(await readdir(join(folder, 'tmp'))).toEqual(['being-written']);
  });

  test('a file that is adopted is moved, not copied, and read-only', async () => {
    const { before, ref } = await store.inStoreFolder(async (scratch) => {
      await writeFile(join(scratch, 'weights'), 'weights of a model');
      return { before: await stat(join(scratch, 'weights')), ref: await store.adoptFile(join(scratch, 'weights')) };
    });
    const stored = await stat(join(folder, blobKey(ref.digest)));
    expect(stored.ino).toBe(before.ino);
    expect(stored.mode & 0o777).toBe(0o444);
  });

  test('has the layout that earlier versions wrote: their stores open', async () => {
    const text = await store.putBlob(Buffer.from('result'));
    const { key } = await runStep(store, step('layout'), async () => ({ outputs: { text }, facts: {} }));
    await store.appendJournal('math', { at: '2026-01-02T03:04:05.678Z', kind: 'paused', details: { by: 'operator' } });
    const hex = createHash('sha256').update('result').digest('hex');
    expect(await readFile(join(folder, 'format'), 'utf8')).toBe('1\n');
    expect(await readFile(join(folder, 'blobs', hex.slice(0, 2), hex), 'utf8')).toBe('result');
    expect((await stat(join(folder, 'blobs', hex.slice(0, 2), hex))).mode & 0o777).toBe(0o444);
    const step64 = key.slice('sha256:'.length);
    const manifest: unknown = JSON.parse(
      await readFile(join(folder, 'manifests', step64.slice(0, 2), `${step64}.json`), 'utf8'),
    );
    expect(manifest).toMatchObject({ key, outputs: { text } });
    expect(await readdir(join(folder, 'journals', 'math'))).toEqual(['2026-01-02T03-04-05.678Z-5a923dad60b2.json']);
  });

  test('links a materialised tree to its blobs', async () => {
    const source = join(folder, 'linked');
    await mkdir(source);
    await writeFile(join(source, 'weights'), 'linked weights');
    const tree = await store.materialiseTree((await store.putTree(source)).digest);
    const blob = blobKey(digestOfBytes('linked weights'));
    expect((await stat(join(tree, 'weights'))).ino).toBe((await stat(join(folder, blob))).ino);
  });

  test('opens by path and by URL; another kind of URL is refused with what is allowed', async () => {
    const { digest } = await store.putBlob(Buffer.from('found by both'));
    expect(await (await openStore(pathToFileURL(folder).href)).hasBlob(digest)).toBe(true);
    await expect(openStore('gs://bucket/prefix')).rejects.toThrow(
      /gs:.*allowed are the path of a folder and .*file:\/\/, s3:/,
    );
  });
});
