import { describe, expect, it } from 'vitest';
import { campaignSchema } from '../../../src/config/campaign.ts';
import { curate } from '../../../src/methods/curate.ts';
import { emCuration, scored } from './scored.ts';

const options = { ...emCuration, method: 'dpo' } as const;
const problem = [
  scored('p', 'cot', 0, 'correct'),
  scored('p', 'cot', 1, 'incorrect'),
  scored('p', 'code', 0, 'correct'),
  scored('p', 'code', 1, 'infrastructure'),
  scored('p', 'code', 2, 'undecided'),
  scored('p', 'code', 3, 'truncated'),
];

describe('curation of dpo', () => {
  it('pairs right rollouts with wrong ones within and across arms, and leaves out what has no verdict', () => {
    const { queries, counts } = curate(problem, new Map(), options);
    expect(queries).toEqual([
      {
        problemId: 'p',
        estimates: [0.5, 0.5],
        kept: [
          { rolloutId: 'p#cot#0', advantage: 1 },
          { rolloutId: 'p#cot#1', advantage: -1 },
          { rolloutId: 'p#code#0', advantage: 1 },
          { rolloutId: 'p#code#3', advantage: -1 },
        ],
        pairs: [
          { right: 'p#cot#0', wrong: 'p#cot#1' },
          { right: 'p#cot#0', wrong: 'p#code#3' },
          { right: 'p#code#0', wrong: 'p#cot#1' },
          { right: 'p#code#0', wrong: 'p#code#3' },
        ],
      },
    ]);
    expect(counts).toMatchObject({ keptRollouts: 4, pairs: 4, pairsAcrossArms: 2, targets: 0 });
  });

  it('keeps of a limited number of pairs only the rollouts that are in one', () => {
    const [query] = curate(problem, new Map(), { ...options, perProblem: 1 }).queries;
    expect(query?.pairs).toHaveLength(1);
    expect(query?.kept).toHaveLength(2);
  });

  it('does not take the side of an arm whose rollouts are lost, nor learn from violations', () => {
    const lost = [scored('q', 'cot', 0, 'correct'), scored('q', 'cot', 1, 'incorrect')];
    expect(curate(lost, new Map(), options).counts).toMatchObject({ withheld: 1 });
    const violated = [...problem, { ...scored('p', 'cot', 2, 'violation'), grade: 'correct' as const }];
    const kept = curate(violated, new Map(), { ...options, violations: 'graded' }).queries[0]?.kept;
    expect(kept?.some(({ rolloutId }) => rolloutId === 'p#cot#2')).toBe(false);
  });

  it('has no signal where all rollouts of a problem are right', () => {
    const right = [scored('p', 'cot', 0, 'correct'), scored('p', 'code', 0, 'correct')];
    const { queries, counts } = curate(right, new Map(), options);
    expect(queries).toEqual([]);
    expect(counts).toMatchObject({ noSignal: 1, keptRollouts: 0 });
  });
});

it('refuses another temperature than that of the reference, before any work', () => {
  const campaign = { name: 'c', model: '/a/model', template: 'testbed', iterations: 1, problems: [{ from: 'gsm8k' }] };
  const read = (temperature: number) =>
    campaignSchema.safeParse({ ...campaign, method: 'dpo', sampling: { temperature } });
  expect(read(1).success).toBe(true);
  expect(read(0.7).error?.issues[0]).toMatchObject({ path: ['sampling', 'temperature'] });
});
