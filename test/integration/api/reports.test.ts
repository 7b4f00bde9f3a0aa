import { afterAll, beforeAll, expect, it } from 'vitest';
import { ask } from '../../../src/api/client.ts';
import type { Digest } from '../../../src/artifacts/types.ts';
import { applyFacts } from '../../../src/db/apply-facts.ts';
import { reportDifferences } from '../../../src/reports/compare-reports.ts';
import type { Report } from '../../../src/reports/report.ts';
import { recomputeEvaluation } from '../../../src/steps/evaluate.ts';
import { campaignStory, EM_SCORES, EVALUATED } from '../../browser/campaign-story.ts';
import { openTestHttp, type TestHttp } from '../../support/http.ts';

let http: TestHttp;
beforeAll(async () => {
  http = await openTestHttp();
  const scores = EM_SCORES.slice(0, 2);
  for (const [index, id] of ['true-run', 'false-run'].entries()) {
    const method = index === 0 ? 'em' : 'rl';
    const facts = await campaignStory({
      store: http.store,
      id,
      method,
      scores,
      planned: 1,
      startMs: Date.UTC(2026, 0, 1),
    });
    // The story's figures are made up. Those of one campaign become the ones that its rollouts give.
    const told = facts.map(async (fact) => {
      if (index > 0 || fact.kind !== 'evaluation' || fact.manifest === undefined) return fact;
      const { metrics } = await recomputeEvaluation(http.store, fact.manifest as Digest);
      return { ...fact, metrics };
    });
    await applyFacts(http.db, await Promise.all(told));
  }
});
afterAll(() => http.close());

const report = async (campaigns: string, figures: 'recorded' | 'recomputed'): Promise<Report> =>
  ask(http.client.api.reports.$get({ query: { campaigns, figures } }));

it('has the same figures recorded and computed again from the store', async () => {
  const recorded = await report('true-*', 'recorded');
  expect(recorded.groups[0]?.campaigns[0]?.evaluations).toHaveLength(2);
  expect(recorded.groups[0]?.campaigns[0]?.evaluations[0]?.metrics.accuracy.auto?.n).toBeLessThanOrEqual(EVALUATED);
  expect(reportDifferences(recorded, await report('true-*', 'recomputed'))).toEqual([]);
});

it('finds recorded figures that the rollouts in the store do not give', async () => {
  const differences = reportDifferences(await report('false-run', 'recorded'), await report('false-run', 'recomputed'));
  expect(differences.length).toBeGreaterThan(10);
  expect(differences.join('\n')).toContain('metrics.accuracy.auto.value');
});

it('compares groups on the same problems, the first with the others', async () => {
  const { comparisons, groups } = await report('true-run,false-run', 'recorded');
  expect(groups.map(({ name }) => name)).toEqual(['true-run', 'false-run']);
  expect(comparisons[0]).toMatchObject({ left: 'true-run', right: 'false-run', suite: 'held-out' });
  expect(comparisons[0]?.seeds[0]?.pairedOver).toBe(EVALUATED);
});

it('says which campaigns there are where a name or a pattern fits none', async () => {
  await expect(report('nobody', 'recorded')).rejects.toThrow('there is no campaign "nobody"; there are');
  await expect(report('nobody-*', 'recorded')).rejects.toThrow(
    'no campaign is called nobody-*; there are false-run, true-run',
  );
});
