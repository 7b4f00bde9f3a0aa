/** A checkpoint as people get it: what only the next training reads stays in the store. */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createClient } from '../../../src/api/client.ts';
import { exportCheckpoint } from '../../../src/cli/export-checkpoint.ts';
import { applyFacts } from '../../../src/db/apply-facts.ts';
import { readToken } from '../../../src/process/control-address.ts';
import { openTestHttp } from '../../support/http.ts';

test('an exported checkpoint has weights and adapter, and not what bf16 left out of the weights', async () => {
  const http = await openTestHttp();
  try {
    const made = join(http.home, 'made');
    for (const folder of ['adapter', 'training']) await mkdir(join(made, folder), { recursive: true });
    const files = [
      'config.json',
      'model.safetensors',
      'adapter/adapter_model.safetensors',
      'training/remainder.safetensors',
    ];
    for (const file of files) await writeFile(join(made, file), `bytes of ${file}`);
    const { digest } = await http.store.adoptTree(made);
    const at = '2026-01-01T00:00:00.000Z';
    await applyFacts(http.db, [{ kind: 'checkpoint', digest, campaignId: 'math', iteration: 1, at }]);
    const { api } = createClient({ url: http.url, token: () => readToken(http.home) });
    const folder = join(http.home, 'exported');
    const exported = await exportCheckpoint(api, digest, folder);
    const wanted = files.slice(0, 3).sort();
    expect([...exported.files].sort()).toEqual(wanted);
    expect((await readdir(folder)).sort()).toEqual(['adapter', 'config.json', 'model.safetensors']);
    for (const file of wanted) expect(await readFile(join(folder, file), 'utf8')).toBe(`bytes of ${file}`);
    // The next training still has it.
    expect(await readdir(join(await http.store.materialiseTree(digest), 'training'))).toEqual([
      'remainder.safetensors',
    ]);
  } finally {
    await http.close();
  }
});
