/** A home with campaigns in every state, for tests and pictures of all pages. */
import { requireCampaign } from '../../src/campaigns/known-campaigns.ts';
import { applyFacts } from '../../src/db/apply-facts.ts';
import type { Fact } from '../../src/protocol/facts.ts';
import { openTestHttp, type TestHttp } from '../support/http.ts';
import { campaignStory, EM_SCORES, RL_SCORES } from './campaign-story.ts';

const SUITES = ['held-out', 'math500', 'aime24', 'gsm8k', 'amc23', 'olympiad'] as const;

const BLOCKED =
  'the training of iteration 3 failed three times: the loss became NaN in update 12: {"loss":null,"grad_norm":null,"learningRate":0.01}';

/** `em-run` samples iteration 4, `rl-run` and `em-fork` have ended, `em-blocked` waits for an answer; six suites. */
export async function openShowcase(): Promise<TestHttp> {
  const http = await openTestHttp();
  const nowMs = Date.now();
  const { store } = http;
  const em = await campaignStory({
    ...{ store, id: 'em-run', method: 'em', planned: 5, seed: 1 },
    ...{ scores: EM_SCORES, startMs: nowMs - 220_000 },
  });
  await applyFacts(http.db, withSuites(em));
  const rl = { store, method: 'rl', scores: RL_SCORES, planned: 4, startMs: nowMs - 900_000 } as const;
  for (const seed of [1, 2]) await applyFacts(http.db, await campaignStory({ ...rl, id: `rl-run-${seed}`, seed }));
  const blocked = { store, id: 'em-blocked', method: 'em', planned: 4, startMs: nowMs - 1_900_000 } as const;
  await applyFacts(http.db, await campaignStory({ ...blocked, scores: EM_SCORES.slice(0, 3) }));
  const at = new Date(nowMs).toISOString();
  await applyFacts(http.db, [{ kind: 'campaign', id: 'em-blocked', status: 'blocked', at, reason: BLOCKED }]);
  return http;
}

/** The evaluations on five suites more, with the figures and the rollouts of the first. */
const withSuites = (facts: readonly Fact[]): Fact[] =>
  facts.flatMap((fact): Fact[] =>
    fact.kind !== 'evaluation'
      ? [fact]
      : SUITES.map((suite) => ({ ...fact, suite, id: fact.id.replace('held-out', suite) })),
  );

/** So many more campaigns, without rollouts. */
export async function addCampaigns(http: TestHttp, count: number): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    const id = `sweep-learning-rate-${String(index).padStart(2, '0')}`;
    const at = new Date(Date.now() - 3_000_000 - index * 60_000).toISOString();
    const known = { kind: 'campaign', id, at, iterationsPlanned: 4 } as const;
    await applyFacts(http.db, [{ ...known, status: index % 5 === 0 ? 'failed' : 'completed', iterationsDone: 4 }]);
  }
}

/** Every page, by the name of its picture. `evaluation`, `problem`: ids in the store. */
export const pagesOf = ({ evaluation, problem }: { readonly evaluation: string; readonly problem: string }) =>
  ({
    runs: '/',
    run: '/campaigns/em-run',
    blocked: '/campaigns/em-blocked',
    curves: '/campaigns/em-run/curves',
    iteration: '/campaigns/em-run/iterations/2',
    rollouts: '/campaigns/em-run/rollouts',
    evaluation: `/evaluations/${evaluation}`,
    problem: `/problems?${new URLSearchParams({ problem, evaluation })}`,
    compare: '/compare?campaigns=rl-run-*,em-run',
    checkpoints: '/checkpoints',
    new: '/new',
    fork: '/fork?from=em-run/2',
    evaluate: '/evaluate?checkpoint=em-run/2',
  }) as const;

/** What `pagesOf` needs: the last evaluation of `em-run`, and its first problem. */
export async function idsOf(http: TestHttp): Promise<Parameters<typeof pagesOf>[0]> {
  const { evaluations } = await requireCampaign(http, 'em-run');
  const evaluation = evaluations.findLast(({ suite }) => suite === 'held-out')?.id ?? '';
  const { problems } = await http.rollouts.readDecisions(evaluation);
  return { evaluation, problem: problems[0]?.problem.id ?? '' };
}
