import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { digestOfBytes, hexOf, stepKey } from '../../../src/artifacts/digest.ts';
import { openLocalStore } from '../../../src/artifacts/local-store.ts';
import { outputOf, runStep } from '../../../src/artifacts/step.ts';
import type { ArtifactStore, StepInputs } from '../../../src/artifacts/types.ts';

let folder: string;
let store: ArtifactStore;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'store-'));
  store = await openLocalStore(folder);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const step = (seed: string): StepInputs => ({ stage: 'sample', version: 1, inputs: {}, config: { k: 4 }, seed });
const blobFile = (digest: `sha256:${string}`) => join(folder, 'blobs', hexOf(digest).slice(0, 2), hexOf(digest));

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

  test('a missing blob and a changed one are told apart', async () => {
    await expect(store.readBlob(digestOfBytes('never stored'))).rejects.toMatchObject({ code: 'blob-missing' });
    const { digest } = await store.putBlob(Buffer.from('true'));
    await chmod(blobFile(digest), 0o644);
    await writeFile(blobFile(digest), 'untrue');
    await expect(store.readBlob(digest)).rejects.toMatchObject({ code: 'blob-damaged' });
  });

  test('torn temporary files are swept once they are old, and never read', async () => {
    await writeFile(join(folder, 'tmp', 'torn'), 'half');
    await writeFile(join(folder, 'tmp', 'being-written'), 'half');
    const longAgo = new Date(Date.now() - 7_200_000);
    await utimes(join(folder, 'tmp', 'torn'), longAgo, longAgo);
    await openLocalStore(folder);
    expect(await readdir(join(folder, 'tmp'))).toEqual(['being-written']);
  });
});

describe('trees', () => {
  test('a folder is stored, named by its content alone, and unpacked with equal files', async () => {
    const source = join(folder, 'source');
    await mkdir(join(source, 'deep'), { recursive: true });
    await writeFile(join(source, 'config.json'), '{}');
    await writeFile(join(source, 'deep', 'weights'), Buffer.alloc(100_000, 7));
    const tree = await store.putTree(source);
    expect(await store.putTree(source)).toEqual(tree);
    const unpacked = await Promise.all([1, 2, 3].map(() => store.materialiseTree(tree.digest)));
    expect(new Set(unpacked).size).toBe(1);
    expect((await readFile(join(unpacked[0] ?? '', 'deep', 'weights'))).equals(Buffer.alloc(100_000, 7))).toBe(true);
  });

  test('a tree that lost a blob is not unpacked', async () => {
    const source = join(folder, 'losing');
    await mkdir(source);
    await writeFile(join(source, 'weights'), 'will be lost');
    const tree = await store.putTree(source);
    await rm(blobFile(digestOfBytes('will be lost')));
    await expect(store.materialiseTree(tree.digest)).rejects.toThrow(/weights .* not whole/);
    expect(await readdir(join(folder, 'trees'))).not.toContain(hexOf(tree.digest));
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
});

describe('the journal', () => {
  test('keeps entries in order of time, each once', async () => {
    const entry = (at: string, kind: string) => ({ at, kind, details: { who: 'operator' } });
    await store.appendJournal('math', entry('2026-01-02T00:00:00.000Z', 'resumed'));
    await store.appendJournal('math', entry('2026-01-01T00:00:00.000Z', 'paused'));
    await store.appendJournal('math', entry('2026-01-01T00:00:00.000Z', 'paused'));
    expect((await store.readJournal('math')).map(({ kind }) => kind)).toEqual(['paused', 'resumed']);
    expect(await store.readJournal('unknown')).toEqual([]);
    expect(await store.listJournals()).toEqual(['math']);
    await expect(store.readJournal('../blobs')).rejects.toThrow(/lower-case letters/);
  });
});

test('a store of a newer version is refused', async () => {
  const other = await mkdtemp(join(tmpdir(), 'store-'));
  await writeFile(join(other, 'format'), '2\n');
  await expect(openLocalStore(other)).rejects.toMatchObject({ code: 'newer-format' });
  await rm(other, { recursive: true });
});
