import { readFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { BUNDLED_FOLDERS } from '../../../src/temporal/workflow-bundle.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const RUN_TIME_IMPORT = /^(?:import|export) (?!type )[^;]*?from '(\.[^']*)';/gms;

/** Every file of ours that runs when the given one is loaded, relative to the root. */
async function filesLoadedBy(entry: string): Promise<string[]> {
  const found = new Set<string>();
  const waiting = [join(ROOT, entry)];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (found.has(file)) continue;
    found.add(file);
    for (const [, target] of (await readFile(file, 'utf8')).matchAll(RUN_TIME_IMPORT))
      waiting.push(join(dirname(file), target ?? ''));
  }
  return [...found].map((file) => relative(ROOT, file)).sort();
}

it('a kept workflow bundle is keyed by every file that it holds', async () => {
  const loaded = await filesLoadedBy('workflows/index.ts');
  expect(loaded).toContain('workflows/campaign.ts');
  expect(loaded).toContain('src/protocol/failures.ts');
  expect(loaded.filter((file) => !BUNDLED_FOLDERS.some((folder) => dirname(file) === folder))).toEqual([]);
});
