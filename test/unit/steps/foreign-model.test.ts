import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { digestOfBytes } from '../../../src/artifacts/digest.ts';
import { openStore } from '../../../src/artifacts/open-store.ts';
import type { ArtifactStore } from '../../../src/artifacts/types.ts';
import { campaignSchema } from '../../../src/config/campaign.ts';
import { type ModelDeps, resolveModel } from '../../../src/steps/create-model.ts';
import { writeModelFolder } from '../../support/hostile-folders.ts';

let root: string;
let model: string;
let store: ArtifactStore;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'whencode-foreign-model-'));
  model = join(root, 'model');
  store = await openStore(join(root, 'store'));
  await writeModelFolder(model);
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function resolve() {
  const settings = { name: 'a', model, template: 'markdown', iterations: 1, problems: [{ from: 'x' }] };
  const config = await store.putBlob(Buffer.from(JSON.stringify(campaignSchema.parse(settings))));
  const deps: ModelDeps = {
    store,
    python: 'python',
    scratch: join(root, 'scratch'),
    runTrainer: () => Promise.reject(new Error('nothing is trained')),
    testbedModel: { config: {}, writeTokenizer: () => Promise.reject(new Error('no testbed')) },
  };
  const context = { signal: new AbortController().signal, report: () => undefined };
  return resolveModel(deps, { config: config.digest }, context);
}

test('the checkpoint of a folder has what a model needs, and depends on nothing else in it', async () => {
  const { base } = await resolve();
  await writeFile(join(model, 'modeling_x.py'), 'import os');
  expect((await resolve()).base).toBe(base);
  const { files } = await store.readTree(base);
  expect(Object.keys(files).sort()).toEqual([
    'chat_template.jinja',
    'config.json',
    'model.safetensors',
    'tokenizer.json',
    'tokenizer_config.json',
  ]);
});

test('a file that a link leads to is not stored', async () => {
  const key = '{"the key": "of the owner"}';
  await writeFile(join(root, 'secret'), key);
  await symlink('../secret', join(model, 'LICENSE'));
  await expect(resolve()).rejects.toMatchObject({
    type: 'bad-input',
    message: expect.stringContaining('LICENSE is a link'),
  });
  expect(await store.hasBlob(digestOfBytes(key))).toBe(false);
});
