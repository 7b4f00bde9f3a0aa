import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Database, openDatabase } from '../../../src/db/database.ts';
import type { CampaignResult } from '../../../src/protocol/campaign-input.ts';
import { readEventsOf } from '../../support/journal.ts';
import { characterTokenizer, createSimulatedParts } from '../../support/simulated-parts.ts';
import { type SimulatedStack, startSimulatedStack } from '../../support/simulated-stack.ts';

let stack: SimulatedStack;
let db: Database;
let training: string;

/** Every trained checkpoint answers −1 to everything. */
function partsThatUnlearn() {
  const parts = createSimulatedParts();
  const wrong = characterTokenizer.encode('\\boxed{-1}');
  const openSampler = async (modelDirectory?: string) => {
    const sampler = await parts.openSampler(modelDirectory);
    if (modelDirectory === undefined || !existsSync(join(modelDirectory, 'weights'))) return sampler;
    const generate: typeof sampler.generate = async (...asked) =>
      (await sampler.generate(...asked)).map((generation) => ({
        ...generation,
        tokenIds: wrong,
        logProbs: wrong.map(() => -0.25),
        finish: 'length' as const,
      }));
    return { ...sampler, generate };
  };
  return { ...parts, openSampler };
}

beforeAll(async () => {
  db = await openDatabase('memory:');
  stack = await startSimulatedStack({ db, parts: partsThatUnlearn() });
  training = join(stack.folder, 'sums.jsonl');
  const sums = Array.from({ length: 30 }, (_, at) =>
    JSON.stringify({ id: `sum-${at}`, problem: `${at}+70`, answer: `${at + 70}` }),
  );
  await writeFile(training, sums.join('\n'));
});
afterAll(async () => {
  await stack.stop();
  await db.close();
});

async function run(name: string, rollback: boolean) {
  const config = stack.configure(name, { validation: { problems: 20, rollback }, evaluations: [], seed: 5 });
  const problems = config.problems.map((source) => ({ ...source, from: training }));
  const result: CampaignResult = await (await stack.start({ ...config, problems })).result();
  const starts = stack.facts.flatMap((fact) =>
    fact.kind === 'iteration' && fact.campaignId === name && fact.status === 'running' ? [fact.from] : [],
  );
  return { result, starts, notes: await readEventsOf(stack.store, name, 'rolled-back') };
}

test('an iteration that lost on the validation problems is followed by one from the best checkpoint', async () => {
  const { result, starts, notes } = await run('back', true);
  const { base } = result.state ?? {};
  expect(starts).toEqual([base, base]);
  expect(result.state?.head).toBe(base);
  expect(notes.map(({ details }) => details)).toEqual([
    { iteration: 1, to: 0, checkpoint: base, reason: expect.stringContaining('after iteration 0 to 0') },
    { iteration: 2, to: 0, checkpoint: base, reason: expect.stringContaining('after iteration 0 to 0') },
  ]);
});

test('without the setting the campaign goes on from the iteration that lost', async () => {
  const { result, starts, notes } = await run('on', false);
  expect(starts[1]).not.toBe(result.state?.base);
  expect(notes).toEqual([]);
});
