import { afterAll, beforeAll, expect, it } from 'vitest';
import { ask, inPath } from '../../../src/api/client.ts';
import { applyFacts } from '../../../src/db/apply-facts.ts';
import { groupByProblem } from '../../../src/methods/estimates.ts';
import { campaignStory, EM_SCORES, EVALUATED, UPDATES } from '../../browser/campaign-story.ts';
import { openTestHttp, type TestHttp } from '../../support/http.ts';

let http: TestHttp;
let evaluation: string;

beforeAll(async () => {
  http = await openTestHttp();
  const story = { store: http.store, id: 'em-run', method: 'em', planned: 4, startMs: Date.UTC(2026, 0, 1) } as const;
  await applyFacts(http.db, await campaignStory({ ...story, scores: EM_SCORES.slice(0, 2) }));
  const { evaluations } = await ask(http.client.api.evaluations.$get({ query: { campaign: 'em-run' } }));
  evaluation = evaluations.find(({ iteration }) => iteration === 0)?.id ?? 'none';
});
afterAll(() => http.close());

const problemsOf = (query: { readonly mark?: 'wrong-arm' | 'both-fail' | 'undecided' | 'truncated' }) =>
  ask(http.client.api.evaluations[':id{.+}'].problems.$get({ param: inPath({ id: evaluation }), query }));

it('lists the problems of an evaluation with decision and verdicts, all or by mark', async () => {
  const all = await problemsOf({});
  expect(all.problems).toHaveLength(EVALUATED);
  expect(all.requesters).toEqual([{ campaignId: 'em-run', iteration: 0 }]);
  expect(all.problems[0]).toMatchObject({ taken: 'cot', better: 'code', regret: 1, marks: ['wrong-arm'] });
  expect((await problemsOf({ mark: 'both-fail' })).problems.map(({ problem }) => problem.id)).toEqual([
    all.problems[1]?.problem.id,
  ]);
  const rollouts = await ask(http.client.api.rollouts.$get({ query: { evaluation, decision: 'right', limit: 500 } }));
  const right = all.problems.filter(({ taken, better }) => better !== undefined && taken === better);
  expect(new Set(rollouts.rollouts.map(({ problemId }) => problemId))).toEqual(
    new Set(right.map(({ problem }) => problem.id)),
  );
});

it('tells one problem over the evaluations and iterations of a campaign', async () => {
  const problem = (await problemsOf({})).problems[6]?.problem.id ?? '';
  const story = await ask(http.client.api.problems.$get({ query: { problem, evaluation } }));
  expect(story.campaignId).toBe('em-run');
  expect(story.events.map(({ kind, row }) => [kind, row.taken])).toEqual([
    ['evaluation', 'cot'],
    ['evaluation', 'cot'],
  ]);
  const { rollouts } = await ask(http.client.api.rollouts.$get({ query: { campaign: 'em-run', iteration: 1 } }));
  const trained = rollouts[0]?.problemId ?? '';
  const training = await ask(
    http.client.api.problems.$get({ query: { problem: trained, campaign: 'em-run', iteration: 1 } }),
  );
  expect(training.events).toHaveLength(1);
  expect(training.events[0]).toMatchObject({ kind: 'training', iteration: 1 });
  const { cot, code } = training.events[0]?.row.arms ?? {};
  expect([cot?.n, code?.n].every((n) => n !== undefined && n > 0)).toBe(true);
});

it('has the accuracy of training rollouts by arm and iteration, and every update', async () => {
  const param = inPath({ id: 'em-run' });
  const { accuracy, behaviour, updates } = await ask(http.client.api.campaigns[':id'].curves.$get({ param }));
  expect(behaviour.map(({ iteration }) => iteration)).toEqual([1, 2]);
  for (const { codeShare, rollouts } of behaviour) expect([codeShare > 0, rollouts > 0]).toEqual([true, true]);
  expect(accuracy.map(({ iteration, arms }) => [iteration, Object.keys(arms)])).toEqual([
    [1, ['cot', 'code']],
    [2, ['cot', 'code']],
  ]);
  const { rollouts } = await ask(
    http.client.api.rollouts.$get({ query: { campaign: 'em-run', iteration: 1, arm: 'code', limit: 500 } }),
  );
  const byProblem = groupByProblem(
    rollouts.filter(({ state, grade }) => state !== 'infrastructure' && grade?.verdict !== 'undecided'),
  );
  const shares = [...byProblem.values()].map(
    (group) => group.filter(({ grade }) => grade?.verdict === 'correct').length / group.length,
  );
  // 500 of the 512 rollouts are on one page.
  expect(accuracy[0]?.arms.code?.value).toBeCloseTo(shares.reduce((sum, share) => sum + share, 0) / shares.length, 1);
  expect(updates.map((item) => [item.iteration, item.updates.length])).toEqual([[1, UPDATES]]);
});

it.each([
  [{}, 'give a campaign or an evaluation'],
  [{ campaign: 'em-run', evaluation: 'eval/x' }, 'one of the two'],
  [{ campaign: 'em-run', decision: 'wrong' }, 'only an evaluation samples all arms'],
  [{ evaluation: 'eval/none' }, 'there is no evaluation "eval/none"'],
] as const)('refuses %j and says what is allowed', async (query, message) => {
  await expect(ask(http.client.api.rollouts.$get({ query }))).rejects.toThrow(message);
});

it('says that an evaluation under way has no rollouts yet', async () => {
  const id = 'eval/abc/held-out/2';
  const checkpoint = `sha256:${'a'.repeat(64)}` as const;
  const at = new Date(0).toISOString();
  await applyFacts(http.db, [{ kind: 'evaluation', id, checkpoint, suite: 'held-out', status: 'running', at }]);
  await expect(ask(http.client.api.rollouts.$get({ query: { evaluation: id } }))).rejects.toThrow('it is running');
});
