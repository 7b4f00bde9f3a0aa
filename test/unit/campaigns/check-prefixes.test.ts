import { expect, test } from 'vitest';
import { checkPrefixes, type ScorePrompts } from '../../../src/campaigns/check-prefixes.ts';
import { characterTokenizer } from '../../support/simulated-parts.ts';

const problems = Array.from({ length: 30 }, (_, at) => ({ id: `p${at}`, problem: `${at} + 1`, answer: `${at + 1}` }));

/** A model that begins with the text prefix with this probability, and with the code prefix with the other. */
const modelWith =
  (cot: (id: string) => number, code: (id: string) => number): ScorePrompts =>
  async (requests) =>
    requests.map(({ id, continuationIds }) => {
      const [arm = '', problem = ''] = id.split('/');
      const sum = Math.log(arm === 'cot' ? cot(problem) : code(problem));
      return { id, logProbs: continuationIds.map(() => sum / continuationIds.length) };
    });

const check = (score: ScorePrompts) => checkPrefixes({ template: 'testbed' }, characterTokenizer, problems, score);

test('twenty prompts say how much of the probability the prefixes have', async () => {
  expect(
    await check(
      modelWith(
        () => 0.3,
        () => 0.1,
      ),
    ),
  ).toEqual({
    checked: 'prefixes: 40.0 % of the probability on 20 prompts, 25.0 % of it code',
    warnings: [],
  });
});

test('a model that begins with neither on more than half of them is warned about', async () => {
  const withMassBelow = (count: number) =>
    check(
      modelWith(
        (id) => (Number(id.slice(1)) < count ? 0.5 : 1e-6),
        () => 1e-4,
      ),
    );
  expect((await withMassBelow(10)).warnings).toEqual([]);
  expect((await withMassBelow(9)).warnings).toEqual([
    expect.stringMatching(/^on 11 of 20 prompts.*begins with neither/),
  ]);
});
