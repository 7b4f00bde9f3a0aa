import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { campaignSchema } from '../../../src/config/campaign.ts';
import { curate } from '../../../src/methods/curate.ts';
import { METHOD_NAMES, METHODS } from '../../../src/methods/methods.ts';
import { scored } from './scored.ts';

test('the setting method takes the names of the table', () => {
  expect(campaignSchema.shape.method.unwrap().options).toEqual(METHOD_NAMES);
  expect(METHOD_NAMES).toEqual(['em', 'rl', 'rft', 'dpo', 'sft']);
});

test('the objectives are those of the design', () => {
  const train = { decisionWeight: 2, ratioTolerance: 0.02, preferenceBeta: 0.1 };
  expect(METHODS.em.objective(train)).toEqual({
    objective: 'policy-gradient',
    decisionWeight: 2,
    ratioTolerance: 0.02,
  });
  expect(METHODS.dpo.objective(train)).toEqual({ objective: 'preference', decisionWeight: 0, preferenceBeta: 0.1 });
  expect(METHODS.rl.objective(train)).toEqual({
    objective: 'policy-gradient',
    decisionWeight: 0,
    ratioTolerance: 0.02,
  });
  expect(METHODS.rft.objective(train)).toEqual({ objective: 'cross-entropy', decisionWeight: 0 });
  expect(METHODS.sft.objective(train)).toEqual({ objective: 'cross-entropy', decisionWeight: 0 });
});

test('sft draws no rollouts, and needs demonstrations', () => {
  expect(METHODS.sft.arms(8)).toEqual([]);
  const campaign = { name: 'c', model: '/a/model', template: 'testbed', iterations: 1, problems: [{ from: 'gsm8k' }] };
  expect(campaignSchema.safeParse({ ...campaign, method: 'sft' }).error?.issues[0]?.message).toMatch('section sft');
  const sft = { demonstrations: 'one-step', problems: 8, batchTokens: 100 };
  expect(campaignSchema.safeParse({ ...campaign, method: 'sft', sft }).success).toBe(true);
});

test('perProblem and distinct are refused where no method reads them', () => {
  const campaign = { name: 'c', model: '/a/model', template: 'testbed', iterations: 1, problems: [{ from: 'gsm8k' }] };
  expect(campaignSchema.safeParse({ ...campaign, method: 'dpo', strategy: { perProblem: 4 } }).success).toBe(true);
  expect(campaignSchema.safeParse({ ...campaign, method: 'dpo', strategy: { distinct: true } }).success).toBe(false);
  for (const strategy of [{ perProblem: 4 }, { distinct: true }]) {
    expect(campaignSchema.safeParse({ ...campaign, method: 'rft', strategy }).success).toBe(true);
    for (const method of ['em', 'rl'])
      expect(campaignSchema.safeParse({ ...campaign, method, strategy }).error?.issues[0]?.message).toMatch(
        `leave it out with ${method}`,
      );
  }
});

describe.each(METHOD_NAMES.filter((name) => name !== 'sft'))('method %s', (name) => {
  const method = METHODS[name];

  test('draws 2K rollouts a problem in all, each arm once: methods compare at equal cost', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 64 }), (k) => {
        const arms = method.arms(k);
        expect(arms.reduce((sum, { samples }) => sum + samples, 0)).toBe(2 * k);
        expect(new Set(arms.map(({ arm }) => arm)).size).toBe(arms.length);
      }),
    );
  });

  test('learns from the arms that it draws and from no other', () => {
    const options = {
      method: name,
      strategy: { name: 'energy', alpha: 8, priorFloor: 0.01 },
      minValid: 1,
      pooledAdvantages: false,
      rollouts: 'all',
      seed: 's',
    } as const;
    const rollouts = (['auto', 'cot', 'code'] as const).flatMap((arm) =>
      [0, 1, 2, 3].map((k) => scored('p', arm, k, k === 0 ? 'correct' : 'incorrect')),
    );
    const [query] = curate(rollouts, new Map([['p', [0.5, 0.5] as const]]), options).queries;
    const learntFrom = new Set(query?.kept.map(({ rolloutId }) => rolloutId.split('#')[1]));
    expect(learntFrom).toEqual(new Set(method.arms(4, 4).map(({ arm }) => arm)));
  });

  test('draws auto rollouts beside forced arms only', () => {
    const config = {
      name: 'c',
      model: '/a/model',
      template: 'testbed',
      iterations: 1,
      problems: [{ from: 'gsm8k' }],
      method: name,
      // As many as a method without forced arms draws.
      sampling: { samplesPerArm: 4, autoSamples: 8 },
      strategy: { minValid: 4 },
    };
    const { success, error } = campaignSchema.safeParse(config);
    expect(success).toBe(method.arms(4).length === 2);
    if (!success) expect(error.issues[0]?.message).toMatch(`${name} draws auto rollouts only`);
  });

  test('a campaign may ask for as many valid rollouts as an arm draws, and for no more', () => {
    const drawn = Math.min(...method.arms(4).map(({ samples }) => samples));
    const parse = (minValid: number) =>
      campaignSchema.safeParse({
        name: 'c',
        model: '/a/model',
        template: 'testbed',
        iterations: 1,
        problems: [{ from: 'gsm8k' }],
        method: name,
        sampling: { samplesPerArm: 4 },
        strategy: { minValid },
      });
    expect(parse(drawn).success).toBe(true);
    expect(parse(drawn + 1).error?.issues[0]?.message).toMatch(`only ${drawn} rollouts`);
  });
});
