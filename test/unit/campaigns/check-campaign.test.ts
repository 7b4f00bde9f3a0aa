import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openStore } from '../../../src/artifacts/open-store.ts';
import type { ArtifactStore } from '../../../src/artifacts/types.ts';
import { openCampaign } from '../../../src/campaigns/open-campaign.ts';
import { planCampaign } from '../../../src/campaigns/plan-campaign.ts';
import { campaignSchema } from '../../../src/config/campaign.ts';
import { ConfigError } from '../../../src/config/config-error.ts';
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
