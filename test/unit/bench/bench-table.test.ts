import { expect, test } from 'vitest';
import {
  type BenchEntry,
  benchBlocks,
  benchChart,
  benchCsv,
  bestWithin,
  nameOf,
} from '../../../src/bench/bench-table.ts';
import { reportMarkdown } from '../../../src/reports/report-markdown.ts';

const entry = (rest: Partial<BenchEntry> & { readonly value?: number }): BenchEntry => {
  const { value = 0.5, ...given } = rest;
  return {
    suite: 'held-out',
    model: 'em',
    prompt: 'own',
    arm: 'auto',
    votes: 1,
    evaluation: 'eval/a',
    accuracy: { value, low: value - 0.1, high: value + 0.1, n: 40 },
    promptTokens: 12,
    tokens: 20,
    executions: 0.5,
    ...given,
  };
};
const vote = entry({
  votes: 8,
  tokens: 160,
  value: 0.75,
  difference: { value: 0.25, low: 0.1, high: 0.4, n: 40, leftAbove: 2, rightAbove: 12, p: 0.01 },
});
const cot = entry({
  model: 'start',
  prompt: 'few-shot',
  arm: 'cot',
  passAt3: { value: 0.625, low: 0.5, high: 0.7, n: 40 },
});

test('a way is named by what distinguishes it', () => {
  expect([entry({}), vote, cot].map(nameOf)).toEqual(['em auto', 'em auto maj@8', 'start few-shot cot']);
});

test('the best within a budget is the most accurate, and the cheaper of two equals', () => {
  const [cheap, dear] = [entry({ tokens: 5 }), entry({ tokens: 9, arm: 'code' })];
  expect(bestWithin([dear, cheap, vote], 100)).toEqual([cheap]);
  expect(bestWithin([dear, cheap, vote], 160)).toEqual([vote]);
  expect(bestWithin([vote], 100)).toEqual([]);
});

test('a line of the chart leads from one rollout to the largest vote', () => {
  expect(
    benchChart('held-out', [vote, entry({}), cot]).lines.map(({ label, points }) => [label, points.map(({ x }) => x)]),
  ).toEqual([
    ['em auto', [20, 160]],
    ['start few-shot cot', [20]],
  ]);
});

test('the Markdown has a row for each way, and the CSV a column for each figure', () => {
  const result = {
    entries: [entry({}), vote, cot],
    reference: { model: 'em', prompt: 'own', arm: 'auto', votes: 1 },
    tokens: 50,
  } as const;
  const text = reportMarkdown(benchBlocks(result, 'npx whencode bench a.yaml --out DIR'));
  expect(text.split('\n').filter((line) => line.startsWith('| '))).toMatchInlineSnapshot(`
    [
      "| way | accuracy | less the reference | pass@3 | tokens | executions | prompt tokens | s a problem |",
      "| --- | --- | --- | --- | --- | --- | --- | --- |",
      "| em auto | .50 [.40, .60] |  |  | 20 | 0.5 | 12 |  |",
      "| em auto maj@8 | .75 [.65, .85] | .25 [.10, .40] |  | 160 | 0.5 | 12 |  |",
      "| start few-shot cot | .50 [.40, .60] |  | .63 | 20 | 0.5 | 12 |  |",
      "| way | accuracy | less the reference | pass@3 | tokens | executions | prompt tokens | s a problem |",
      "| --- | --- | --- | --- | --- | --- | --- | --- |",
      "| em auto | .50 [.40, .60] |  |  | 20 | 0.5 | 12 |  |",
      "| start few-shot cot | .50 [.40, .60] |  | .63 | 20 | 0.5 | 12 |  |",
    ]
  `);
  const [head, ...rows] = benchCsv(result.entries).split('\r\n');
  expect(head?.split(',')).toHaveLength(18);
  expect(rows[1]).toBe('held-out,em,own,auto,8,0.75,0.65,0.85,40,0.25,0.1,0.4,,160,12,0.5,,eval/a');
  expect(benchCsv([entry({ suite: 'a, "b"' })])).toContain('"a, ""b""",em');
});
