import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openStore } from '../../../src/artifacts/open-store.ts';
import type { ArtifactStore, Digest } from '../../../src/artifacts/types.ts';
import { openCampaign } from '../../../src/campaigns/open-campaign.ts';
import { planCampaign } from '../../../src/campaigns/plan-campaign.ts';
import { campaignSchema } from '../../../src/config/campaign.ts';
import { ConfigError } from '../../../src/config/config-error.ts';
import { readJsonLines } from '../../../src/formats/json-lines.ts';
import { createProblemResolver } from '../../../src/workers/problems.ts';

let folder: string;
let store: ArtifactStore;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'check-'));
  store = await openStore(join(folder, 'store'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A refused campaign is recorded nowhere: the journal stays empty. */
const NOTHING = { facts: async () => undefined, note: async () => undefined };

interface Line {
  readonly id: string;
  readonly problem: string;
  readonly answer: string;
}

const sums = (from: number, count = 4): Line[] =>
  Array.from({ length: count }, (_, k) => ({
    id: `s${from + k}`,
    problem: `${from + k} + 1`,
    answer: `${from + k + 1}`,
  }));
const [first = { id: '', problem: '', answer: '' }] = sums(1);

test.each<[what: string, name: string, training: Line[], suite: Line[], message: string]>([
  ['a name that is taken', 'evaluations', sums(1), sums(100), 'taken by the record of the evaluations'],
  ['an id that comes twice', 'math', [...sums(1), first], sums(100), 'id "s1" is already on line 1'],
  ['an id that comes twice in a suite', 'math', sums(1), [first, first], 'id "s1" is already on line 1'],
  ['a suite that shares a problem', 'math', sums(1), [...sums(100), { ...first, id: 'x' }], 'shares problem "x = s1"'],
  ['golds that the grader cannot read', 'math', sums(1), [{ ...first, id: 'x', answer: '\\boxed{}' }], "can't be read"],
])(
  '%s is refused with the same words by the pre-flight and by the campaign',
  async (_what, name, training, suite, message) => {
    const write = async (file: string, lines: readonly Line[]): Promise<string> => {
      const path = join(folder, file);
      await writeFile(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
      return path;
    };
    const config = campaignSchema.parse({
      name,
      model: 'testbed',
      template: 'testbed',
      iterations: 1,
      sft: { demonstrations: 'testbed', problems: 10, batchTokens: 100 },
      problems: [{ from: await write('training.jsonl', training) }],
      evaluations: [{ suite: 'held', problems: { from: await write('held.jsonl', suite) } }],
    });
    const data = { dataDirectory: undefined, cacheDirectory: folder };
    const open = openCampaign(
      { store, database: NOTHING, resolveProblems: createProblemResolver(data) },
      { campaignId: name, config },
    );
    const refusals = await Promise.all(
      [planCampaign(config, data), open].map((work) => work.then(String, (error: unknown) => error)),
    );
    for (const refusal of refusals) {
      expect(refusal).toBeInstanceOf(ConfigError);
      expect((refusal as ConfigError).message).toContain(message);
    }
    expect(String(refusals[0])).toBe(String(refusals[1]));
    expect(await store.listJournals()).toEqual([]);
  },
);

test('validation problems are cut from the training problems, stored on their own, and planned as a suite', async () => {
  const training = join(folder, 'cut.jsonl');
  await writeFile(
    training,
    sums(1, 40)
      .map((line) => `${JSON.stringify(line)}\n`)
      .join(''),
  );
  const file = {
    name: 'cut',
    model: 'testbed',
    template: 'testbed',
    iterations: 2,
    sft: { demonstrations: 'testbed', problems: 10, batchTokens: 100 },
    problems: [{ from: training }],
    problemsPerIteration: 32,
    validation: { problems: 10 },
  };
  const data = { dataDirectory: undefined, cacheDirectory: folder };
  const config = campaignSchema.parse(file);
  const resolveProblems = createProblemResolver(data);
  const opened = await openCampaign({ store, database: NOTHING, resolveProblems }, { campaignId: 'cut', config });
  const idsOf = async (digest: Digest | undefined): Promise<string[]> =>
    digest === undefined ? [] : readJsonLines<Line>(await store.readBlob(digest), 'problems').map(({ id }) => id);
  const [left, cut] = [await idsOf(opened.problems), await idsOf(opened.validation)];
  expect([left.length, cut.length]).toEqual([30, 10]);
  expect(new Set([...left, ...cut]).size).toBe(40);

  const plan = await planCampaign(config, data);
  expect(plan.problems).toMatchObject({ count: 30, perIteration: 30 });
  expect(plan.evaluations).toEqual([expect.objectContaining({ suite: 'validation', rollouts: 30 })]);
  expect(plan.warnings).toEqual([expect.stringMatching(/at most all problems: 30, and not the 32/)]);

  const greedy = campaignSchema.parse({ ...file, validation: { problems: 40 } });
  await expect(planCampaign(greedy, data)).rejects.toThrow(/40 of 40 different training problems/);
  const own = { ...file, evaluations: [{ suite: 'validation', problems: { from: training } }] };
  expect(campaignSchema.safeParse(own).error?.issues[0]?.message).toMatch(/give yours another name/);
});

test('without validation problems a dry run says on which suite the best checkpoint is chosen', async () => {
  const config = campaignSchema.parse({
    name: 'uncut',
    model: 'testbed',
    template: 'testbed',
    iterations: 1,
    sft: { demonstrations: 'testbed', problems: 10, batchTokens: 100 },
    problems: [{ from: 'testbed', limit: 40 }],
    problemsPerIteration: 40,
    evaluations: [{ suite: 'held-out', problems: { from: 'testbed', split: 'held-out', limit: 4 } }],
  });
  const plan = await planCampaign(config, { dataDirectory: undefined, cacheDirectory: folder });
  expect(plan.warnings).toEqual([expect.stringMatching(/chosen on held-out.*validation: \{ problems: 200 \}/)]);
});
