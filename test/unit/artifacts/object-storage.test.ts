import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createDirectoryStorage } from '../../../src/artifacts/directory-storage.ts';
import { describeObjectStorage } from './object-storage-contract.ts';
import { describeEachStorage } from './storages.ts';

describeEachStorage('objects in', describeObjectStorage);

test('a directory refuses every key that leads out of it, or to itself', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'keys-'));
  const storage = createDirectoryStorage(folder);
  const part = fc.constantFrom('a', 'b.c', '..', '.', '');
  await fc.assert(
    fc.asyncProperty(fc.array(part, { minLength: 1, maxLength: 4 }), async (parts) => {
      const key = parts.join('/');
      const isAllowed = parts.every((name) => name === 'a' || name === 'b.c');
      const outcome = await storage.get(key).then(
        () => 'read',
        (error: unknown) => (error instanceof TypeError ? 'refused' : error),
      );
      expect(outcome).toBe(isAllowed ? 'read' : 'refused');
    }),
  );
  await rm(folder, { recursive: true });
});
