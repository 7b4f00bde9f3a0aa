/** What every object storage has to keep; a new implementation is a line in `storages.ts`. */
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { digestOfBytes } from '../../../src/artifacts/digest.ts';
import type { ObjectStorage } from '../../../src/artifacts/object-storage.ts';
import type { StorageUnderTest } from './storages.ts';

/** Parts that sort before and after the `/` (0x2f), so that the order of keys is not that of folders. */
const part = fc.stringMatching(/^[a-c]([-.0-9a-c]{0,3}[0-9a-c])?$/);
const keys = fc.uniqueArray(
  fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/')),
  { minLength: 1, maxLength: 12 },
);

export function describeObjectStorage(open: () => Promise<StorageUnderTest>): void {
  let at: StorageUnderTest;
  let storage: ObjectStorage;
  beforeAll(async () => {
    at = await open();
    storage = at.storage;
  });
  afterAll(() => at.remove());
  let count = 0;
  /** A prefix that no other test uses. */
  const fresh = (): string => {
    count += 1;
    return `test${count}/`;
  };

  test('any content comes back whole, as a stream, and by range', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 2000 }), fc.nat(), fc.nat(), async (bytes, a, b) => {
        const key = `${fresh()}content`;
        await storage.put(key, bytes);
        const start = a % bytes.length;
        const end = start + 1 + (b % (bytes.length - start));
        expect(await storage.get(key)).toEqual(Buffer.from(bytes));
        expect(await contentOf(await storage.stream(key))).toEqual(Buffer.from(bytes));
        expect(await contentOf(await storage.stream(key, { start, end }))).toEqual(
          Buffer.from(bytes.subarray(start, end)),
        );
        expect((await storage.stat(key))?.bytes).toBe(bytes.length);
      }),
      { numRuns: 25 },
    );
  });

  test('an absent object is a value and not an error', async () => {
    const key = `${fresh()}absent`;
    expect(await storage.get(key)).toBeUndefined();
    expect(await storage.stream(key)).toBeUndefined();
    expect(await storage.stat(key)).toBeUndefined();
    expect(await storage.delete(key)).toBeUndefined();
    expect(await storage.move(key, `${key}-moved`)).toBe(false);
    expect(await storage.fetch(key, join(at.folder, 'absent'))).toBe('absent');
    expect(await listed(storage, key)).toEqual([]);
  });

  test('a prefix lists exactly the keys that begin with it, in ascending order', async () => {
    await fc.assert(
      fc.asyncProperty(keys, fc.nat(), fc.nat(), async (wanted, which, length) => {
        const root = fresh();
        // A key that is a folder of another one is no key of a directory.
        const own = wanted.filter((key) => !wanted.some((other) => other.startsWith(`${key}/`)));
        for (const key of own) await storage.put(`${root}${key}`, Buffer.from(key));
        const chosen = own[which % own.length] ?? '';
        const prefix = `${root}${chosen.slice(0, length % (chosen.length + 1))}`;
        const expected = own.map((key) => `${root}${key}`).filter((key) => key.startsWith(prefix));
        expect(await listed(storage, prefix)).toEqual(expected.sort());
      }),
      { numRuns: 40 },
    );
  });

  test('an equal object that is put again is as recent as a new one; one of another length is replaced', async () => {
    const key = `${fresh()}again`;
    await storage.put(key, Buffer.from('whole'));
    await at.age(key, Date.now() - 7_200_000);
    const before = Date.now() - 5;
    await storage.put(key, Buffer.from('whole'));
    expect((await storage.stat(key))?.modifiedMs).toBeGreaterThanOrEqual(before - storage.timeStepMs);
    await at.damage(key, 'torn');
    await storage.put(key, Buffer.from('whole'));
    expect((await storage.get(key))?.toString()).toBe('whole');
  });

  test('a file is stored as its content, and refused when it is not what was announced', async () => {
    const [key, path] = [`${fresh()}file`, join(at.folder, 'source')];
    await writeFile(path, 'content');
    await storage.put(key, { path, bytes: 7, digest: digestOfBytes('content') });
    expect((await storage.get(key))?.toString()).toBe('content');
    const announced = { path, bytes: 7, digest: digestOfBytes('another') };
    await expect(storage.put(`${key}-changed`, announced)).rejects.toThrow(/changed while it was stored/);
    expect(await storage.stat(`${key}-changed`)).toBeUndefined();
  });

  test('of writers at the same time exactly one is first, and its content is read', async () => {
    for (let round = 0; round < 20; round += 1) {
      const key = `${fresh()}race`;
      const writers = Array.from({ length: 20 }, (_, writer) => storage.putIfAbsent(key, Buffer.from(`${writer}`)));
      const first = (await Promise.all(writers)).flatMap((won, writer) => (won ? [`${writer}`] : []));
      expect(first).toEqual([(await storage.get(key))?.toString()]);
      expect(await storage.putIfAbsent(key, Buffer.from('late'))).toBe(false);
    }
  });

  test('a moved object is under its new key alone', async () => {
    const root = fresh();
    await storage.put(`${root}old`, Buffer.from('moved'));
    expect(await storage.move(`${root}old`, `${root}deep/new`)).toBe(true);
    expect(await listed(storage, root)).toEqual([`${root}deep/new`]);
    expect((await storage.get(`${root}deep/new`))?.toString()).toBe('moved');
  });

  test('a delete judges the object, keeps what it refuses, and says what it removed', async () => {
    const key = `${fresh()}deleted`;
    await storage.put(key, Buffer.from('four'));
    await at.age(key, 1_700_000_000_000);
    expect(await storage.delete(key, ({ modifiedMs }) => modifiedMs > 1_800_000_000_000)).toBeUndefined();
    expect((await storage.get(key))?.toString()).toBe('four');
    expect(await storage.delete(key, ({ bytes }) => bytes === 4)).toMatchObject({
      bytes: 4,
      modifiedMs: 1_700_000_000_000,
    });
    expect(await storage.get(key)).toBeUndefined();
  });

  test('a fetched file has the content, is read-only, and outlives its object', async () => {
    const [key, path] = [`${fresh()}fetched`, join(at.folder, 'fetched')];
    await storage.put(key, Buffer.from('weights'));
    expect(['linked', 'copied']).toContain(await storage.fetch(key, path));
    await storage.delete(key);
    expect(await readFile(path, 'utf8')).toBe('weights');
    expect((await stat(path)).mode & 0o222).toBe(0);
  });
}

async function listed(storage: ObjectStorage, prefix: string): Promise<string[]> {
  const found: string[] = [];
  for await (const key of storage.list(prefix)) found.push(key);
  return found;
}

async function contentOf(stream: Readable | undefined): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream ?? []) chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks);
}
