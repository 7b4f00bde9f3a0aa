import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ensurePayloadKey, readPayloadKey } from '../../../src/temporal/payload-key.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'payload-key-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('the payload key', () => {
  it('is made at the first start, for its owner alone, and stays', async () => {
    const place = { home: join(folder, 'home'), payloadKeyFile: undefined };
    await expect(readPayloadKey(place)).rejects.toThrow(
      /payload key .*payload\.key can't be read \(ENOENT\); `whencode up`/,
    );
    const keys = await Promise.all([ensurePayloadKey(place), ensurePayloadKey(place), ensurePayloadKey(place)]);
    const path = join(place.home, 'payload.key');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readFile(path, 'utf8')).toMatch(/^[0-9a-f]{64}\n$/);
    for (const { secret, id } of keys) {
      expect(secret).toHaveLength(32);
      expect({ secret, id }).toEqual(await readPayloadKey(place));
      expect(secret.toString('hex')).not.toContain(id);
    }
  });

  it('is not used while other users can read it', async () => {
    const place = { home: folder, payloadKeyFile: undefined };
    await ensurePayloadKey(place);
    await chmod(join(folder, 'payload.key'), 0o640);
    await expect(readPayloadKey(place)).rejects.toThrow(/can be read by other users; run `chmod 600/);
  });

  it('comes from a given file, whatever its mode, and is never made there', async () => {
    const payloadKeyFile = join(folder, 'mounted');
    const place = { home: folder, payloadKeyFile };
    await expect(ensurePayloadKey(place)).rejects.toThrow(/mounted can't be read/);
    await writeFile(payloadKeyFile, 'ab'.repeat(32), { mode: 0o444 });
    expect((await ensurePayloadKey(place)).secret).toEqual(Buffer.alloc(32, 0xab));
    await expect(readPayloadKey({ home: folder, payloadKeyFile: undefined })).rejects.toThrow(/ENOENT/);
  });

  it.each(['', 'ab'.repeat(31), 'ab'.repeat(33), `${'zz'.repeat(32)}`, '\0'.repeat(64)])('is not %j', async (text) => {
    await writeFile(join(folder, 'payload.key'), text, { mode: 0o600 });
    await expect(readPayloadKey({ home: folder, payloadKeyFile: undefined })).rejects.toThrow(
      /is no key: allowed are 64 hexadecimal digits/,
    );
  });
});
