import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import { bytes, json, jsonLines, optional, tree } from '../../../src/artifacts/codecs.ts';
import { defineStep, readOneOf, StoredOutput } from '../../../src/artifacts/define-step.ts';
import { stepKey } from '../../../src/artifacts/digest.ts';
import { openStore } from '../../../src/artifacts/open-store.ts';
import { digestSchema, listedInputs, listInputs } from '../../../src/artifacts/step-inputs.ts';
import type { ArtifactStore, Digest } from '../../../src/artifacts/types.ts';
import type { curateStep } from '../../../src/steps/curate.ts';
import { planStep } from '../../../src/steps/plan.ts';
import type { sampleStep } from '../../../src/steps/sample.ts';
import { scoreStep } from '../../../src/steps/score.ts';
import type { trainStep } from '../../../src/steps/train.ts';

let folder: string;
let store: ArtifactStore;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'define-step-'));
  store = await openStore(join(folder, 'store'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const wordStep = defineStep({
  stage: 'words',
  version: 2,
  inputs: z.object({ text: digestSchema, earlier: digestSchema.exactOptional() }),
  outputs: {
    words: jsonLines<{ readonly word: string }>(),
    longest: json(z.array(z.string())),
    raw: bytes(),
    notes: optional(jsonLines<string>()),
  },
  facts: z.object({ words: z.number() }),
});

const otherStep = defineStep({
  stage: 'other',
  version: 1,
  inputs: listedInputs,
  outputs: { folder: tree() },
  facts: z.object({}),
});

const textOf = async (text: string): Promise<Digest> => (await store.putBlob(Buffer.from(text))).digest;

async function countWords(text: string, rest: { readonly notes?: string[] } = {}) {
  const digest = await textOf(text);
  let runs = 0;
  const at = { inputs: { text: digest }, config: { case: 'kept' }, seed: '7' };
  const work = async () => {
    runs += 1;
    const words = text.split(' ').map((word) => ({ word }));
    const outputs = { words, longest: [text], raw: Buffer.from(text), ...rest };
    return { outputs, facts: { words: words.length } };
  };
  const done = await wordStep.run(store, at, work);
  await wordStep.run(store, at, work);
  return { done, runs, at };
}

test('does a step once, under the key of stage, version, inputs, configuration and seed', async () => {
  const { done, runs, at } = await countWords('to be or not');
  expect(runs).toBe(1);
  expect(done.key).toBe(stepKey({ stage: 'words', version: 2, ...at }));
  expect(await wordStep.find(store, at)).toMatchObject({ key: done.key });
  expect(await wordStep.find(store, { ...at, seed: '8' })).toBeUndefined();
});

test('what was written is read again, typed', async () => {
  const { done } = await countWords('a bb');
  const read = await wordStep.read(store, done.key);
  expect(await read.outputs.words.read()).toEqual([{ word: 'a' }, { word: 'bb' }]);
  expect(await read.outputs.longest.read()).toEqual(['a bb']);
  expect(`${await read.outputs.raw.read()}`).toBe('a bb');
  expect(read.outputs.notes).toBeUndefined();
  expect(read.facts).toEqual({ words: 2 });
  expect(read.inputs.text).toBe(await textOf('a bb'));
  const noted = (await countWords('c', { notes: ['short'] })).done;
  expect(await noted.outputs.notes?.read()).toEqual(['short']);
});

test('a folder is stored and handed on, its list of inputs read in order', async () => {
  const directory = join(folder, 'made');
  await mkdir(directory);
  await writeFile(join(directory, 'file'), 'content');
  const keys = await Promise.all(Array.from({ length: 11 }, (_, at) => textOf(`part ${at}`)));
  const made = await otherStep.run(store, { inputs: listInputs(keys), config: null }, async () => ({
    outputs: { folder: directory },
    facts: {},
  }));
  expect(made.inputs).toEqual(keys);
  expect(await readFile(join(await made.outputs.folder.read(), 'file'), 'utf8')).toBe('content');
  const again = await otherStep.run(store, { inputs: listInputs(keys.slice(1)), config: null }, async () => ({
    outputs: { folder: made.outputs.folder },
    facts: {},
  }));
  expect(again.outputs.folder.digest).toBe(made.outputs.folder.digest);
  expect(again.outputs.folder).toBeInstanceOf(StoredOutput);
});

test("another stage's manifest is refused by name, whichever reader is asked", async () => {
  const { done } = await countWords('mine');
  await expect(otherStep.read(store, done.key)).rejects.toThrow(
    /is one of stage "words"; what is read here is "other"/,
  );
  await expect(scoreStep.read(store, done.key)).rejects.toThrow(/stage "words"; what is read here is "score"/);
  await expect(readOneOf(store, done.key, [scoreStep, planStep])).rejects.toThrow(/"score" or "plan"/);
  const found = await readOneOf(store, done.key, [otherStep, wordStep]);
  expect(found.stage).toBe('words');
  expect(otherStep.inputsOf(done.manifest)).toBeUndefined();
});

test('a step that is not in the store is an error of the store', async () => {
  const missing = await textOf('no manifest');
  await expect(wordStep.read(store, missing)).rejects.toMatchObject({ name: 'StoreError', code: 'step-missing' });
});

test('a step of an older version is readable as far as it goes', async () => {
  const old = await store.commitManifest({
    step: { stage: 'words', version: 1, inputs: {}, config: null, seed: '' },
    outputs: {
      words: await store.putBlob(Buffer.from('{"word":"old"}\n')),
      longest: await store.putBlob(Buffer.from('7')),
    },
    facts: { words: 'many' },
    information: {},
  });
  const read = await wordStep.read(store, old.key);
  expect(await read.outputs.words.read()).toEqual([{ word: 'old' }]);
  expect(() => read.outputs.raw).toThrow(/version 1 has no output "raw", which version 2 has; it has: longest, words/);
  expect(() => read.facts).toThrow(/the facts of step .* are not what this version knows/);
  expect(() => read.inputs).toThrow(/the inputs of step/);
  await expect(read.outputs.longest.read()).rejects.toThrow(/output "longest" of step .* is not what its stage writes/);
  expect(wordStep.inputsOf(old)).toBeUndefined();
});

test('work that leaves out an output, or has facts that could not be read again, commits nothing', async () => {
  const at = { inputs: { text: await textOf('broken') }, config: null };
  const outputs = { words: [], longest: [], raw: Buffer.alloc(0) };
  await expect(
    wordStep.run(store, at, async () => ({ outputs: { ...outputs, raw: undefined as never }, facts: { words: 0 } })),
  ).rejects.toThrow(/left out its output "raw"/);
  await expect(wordStep.run(store, at, async () => ({ outputs, facts: { words: 'none' as never } }))).rejects.toThrow(
    /the facts of stage "words"/,
  );
  expect(await wordStep.find(store, at)).toBeUndefined();
});

test('names of outputs, inputs and facts are types: renaming one is a compile error where it is read', () => {
  type Read<Step extends { read: (...args: never[]) => Promise<unknown> }> = Awaited<ReturnType<Step['read']>>;
  expectTypeOf<keyof Read<typeof wordStep>['outputs']>().toEqualTypeOf<'words' | 'longest' | 'raw' | 'notes'>();
  expectTypeOf<Read<typeof wordStep>['facts']>().toEqualTypeOf<{ words: number }>();
  expectTypeOf<Read<typeof wordStep>['outputs']>().not.toHaveProperty('word');
  expectTypeOf<keyof Read<typeof planStep>['outputs']>().toEqualTypeOf<'problems' | 'shards'>();
  expectTypeOf<keyof Read<typeof scoreStep>['outputs']>().toEqualTypeOf<'grades' | 'shards'>();
  expectTypeOf<Read<typeof scoreStep>['inputs']>().toEqualTypeOf<readonly Digest[]>();
  expectTypeOf<keyof Read<typeof curateStep>['outputs']>().toEqualTypeOf<'curation' | 'trainingSet'>();
  expectTypeOf<Read<typeof sampleStep>['inputs']>().toHaveProperty('executions');
  expectTypeOf<Read<typeof trainStep>['outputs']>().toHaveProperty('checkpoint');
  // What a step writes is typed likewise.
  type Written = Awaited<ReturnType<Parameters<typeof scoreStep.run>[2]>>['outputs'];
  expectTypeOf<keyof Written>().toEqualTypeOf<'grades' | 'shards'>();
  expectTypeOf<{ grades: never[] }>().not.toExtend<Written>();
});
