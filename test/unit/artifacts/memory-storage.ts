/** Objects in memory, as a bucket keeps them: conditional put, listing by prefix, no rename and no links. */
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { digestOfBytes } from '../../../src/artifacts/digest.ts';
import type { ObjectStorage } from '../../../src/artifacts/object-storage.ts';
import { StoreError } from '../../../src/artifacts/store-error.ts';

interface StoredObject {
  readonly content: Buffer;
  readonly modifiedMs: number;
}

let last = 0;

/** Of two objects the later one has the later time, also within a millisecond. */
function now(): number {
  last = Math.max(Date.now(), last + 0.001);
  return last;
}

/** The map is the bucket: several storages over one map are several processes. */
export function createMemoryStorage(objects: Map<string, StoredObject> = new Map()): ObjectStorage {
  const keep = (key: string, content: Buffer): void => void objects.set(key, { content, modifiedMs: now() });
  return {
    location: 'memory',
    timeStepMs: 0,
    async get(key) {
      await nextTurn();
      const found = objects.get(key)?.content;
      return found === undefined ? undefined : Buffer.from(found);
    },
    async stream(key, range) {
      await nextTurn();
      const content = objects.get(key)?.content;
      return content === undefined ? undefined : Readable.from([content.subarray(range?.start, range?.end)]);
    },
    async stat(key) {
      await nextTurn();
      const found = objects.get(key);
      return found === undefined ? undefined : { bytes: found.content.length, modifiedMs: found.modifiedMs };
    },
    async *list(prefix) {
      for (const key of [...objects.keys()].sort()) {
        await nextTurn();
        if (key.startsWith(prefix) && objects.has(key)) yield key;
      }
    },
    async put(key, body) {
      const content = body instanceof Uint8Array ? Buffer.from(body) : await readFile(body.path);
      if (!(body instanceof Uint8Array) && digestOfBytes(content) !== body.digest)
        throw new StoreError('failed', `${body.path} changed while it was stored; retry once it is complete`);
      await nextTurn();
      const known = objects.get(key)?.content;
      keep(key, known?.length === content.length ? known : content);
    },
    async putIfAbsent(key, bytes) {
      await nextTurn();
      if (objects.has(key)) return false;
      keep(key, Buffer.from(bytes));
      return true;
    },
    async move(key, target) {
      await nextTurn();
      const found = objects.get(key);
      if (found === undefined) return false;
      keep(target, found.content);
      await nextTurn();
      objects.delete(key);
      return true;
    },
    async delete(key, onlyIf = () => true) {
      await nextTurn();
      const found = objects.get(key);
      if (found === undefined) return undefined;
      const status = { bytes: found.content.length, modifiedMs: found.modifiedMs };
      if (!onlyIf(status)) return undefined;
      objects.delete(key);
      return status;
    },
    async fetch(key, path) {
      await nextTurn();
      const found = objects.get(key);
      if (found === undefined) return 'absent';
      await writeFile(path, found.content, { flag: 'wx' });
      await chmod(path, 0o444);
      return 'copied';
    },
    sweep: async () => undefined,
  };
}

/** What a test does to a bucket behind the storage's back. */
export function tamperWithMemory(objects: Map<string, StoredObject>) {
  return {
    async damage(key: string, text: string): Promise<void> {
      objects.set(key, { modifiedMs: Date.now(), ...objects.get(key), content: Buffer.from(text) });
    },
    async lose(key: string): Promise<void> {
      objects.delete(key);
    },
    async age(key: string, modifiedMs: number): Promise<void> {
      objects.set(key, { content: Buffer.alloc(0), ...objects.get(key), modifiedMs });
    },
  };
}
