import { expect, it } from 'vitest';
import { reportBlocks } from '../../../src/reports/blocks.ts';
import { reportDifferences } from '../../../src/reports/compare-reports.ts';
import { commonMarks, evaluationAt } from '../../../src/reports/report.ts';
import { reportFiles } from '../../../src/reports/report-files.ts';
import { seedChart } from '../../../src/reports/seed-chart.ts';
import { METRICS } from '../../../src/scoring/metrics.ts';
import { campaignOf, REPORT } from './reports.ts';

const auto = METRICS.find(({ key }) => key === 'accuracy/auto');
if (auto === undefined) throw new Error('there is no accuracy of auto');

it('draws the mean over seeds and their range, where every seed was measured', () => {
  const [em, rl] = seedChart(REPORT.groups, 'held-out', auto).lines;
  expect(em?.points).toEqual([
    { x: 0, mean: expect.closeTo(0.31), low: 0.3, high: 0.32 },
    { x: 1024, mean: expect.closeTo(0.89), low: 0.88, high: 0.9 },
  ]);
  expect(rl?.points.map(({ x }) => x)).toEqual([0, 512, 1024]);
  expect(seedChart(REPORT.groups, 'other', auto).lines).toEqual([]);
});

it('compares where all were measured', () => {
  expect(commonMarks(REPORT.groups, 'held-out')).toEqual([0, 1024]);
  expect(commonMarks(REPORT.groups, 'other')).toEqual([]);
});

it('shows the trained model of a method that samples nothing, and the start of those that do', () => {
  const [em, rl] = REPORT.groups;
  if (em === undefined || rl === undefined) throw new Error('the report has two groups');
  const sft = { ...em, name: 'sft', campaigns: [campaignOf('sft-1', 1, [0.3, 0.5, 0.8], 0)] };
  expect(seedChart([sft, em], 'held-out', auto).lines[0]?.points).toEqual([{ x: 0, mean: 0.8, low: 0.8, high: 0.8 }]);
  const table = (groups: typeof REPORT.groups) =>
    reportBlocks({ ...REPORT, groups, comparisons: [] }).find(
      (block) => block.kind === 'table' && block.head.includes('mean at the end'),
    );
  expect(table([sft])).toMatchObject({
    head: [expect.any(String), '0', 'mean at the end'],
    rows: [{ cells: ['sft', [{ text: '.80' }], '.80'] }],
  });
  expect(table([em, rl])).toMatchObject({ head: [expect.any(String), 'start', '1,024', 'mean at the end'] });
  expect(evaluationAt(campaignOf('rl-1', 1, [0.3, 0.4]), 'held-out', 0)?.iteration).toBe(0);
});

it('writes a page, Markdown, charts and the figures themselves, equal bytes for equal figures', async () => {
  const files = await reportFiles(REPORT);
  expect([...files.keys()].slice(0, 4)).toEqual([
    'report.json',
    'index.html',
    'report.md',
    'charts/held-out-accuracy-auto.svg',
  ]);
  expect([...(await reportFiles(structuredClone(REPORT)))]).toEqual([...files]);
  const markdown = files.get('report.md') ?? '';
  expect(markdown).toContain('| em | .30 / .32 | .90 / .88 | .89 |');
  expect(markdown).toContain('| rl | .30 / .32 | .70 / .74 | .72 |');
  expect(markdown).toContain('| rl less em, 1,024 rollouts | seed 1 (400 pairs) | seed 2 (unpaired) | mean |');
  expect(markdown).toContain('| auto accuracy | −.20 [−.25, −.15] | −.14 [−.20, −.08] | −.17 |');
  expect(markdown).toContain('| train.klWeight | 8 | 0 |');
  for (const [name] of files) if (name.startsWith('charts/')) expect(markdown).toContain(`(${name})`);
});

it('names for every number of the page the manifest that it comes from', async () => {
  const page = (await reportFiles(REPORT)).get('index.html') ?? '';
  for (const { campaigns } of REPORT.groups)
    for (const { evaluations } of campaigns)
      for (const { manifest, id } of evaluations) {
        expect(page).toContain(manifest.slice(7, 19));
        expect(page).toContain(`id="${id.replace(/[^\w-]/g, '-')}"`);
      }
  const linked = [...page.matchAll(/href="#([^"]+)"/g)].map(([, to]) => to);
  expect(linked.length).toBeGreaterThan(20);
  for (const to of linked) expect(page).toContain(`id="${to}"`);
});

it('asks no host for anything, and shows names as text', async () => {
  const files = await reportFiles({ ...REPORT, asked: ['<script>alert(1)</script>'] });
  for (const [, text] of files) expect(text.replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:|\/\/\w/);
  expect(files.get('index.html')).not.toContain('<script');
});

it('finds figures that differ, wherever they stand, and no rounding', () => {
  const withOracle = (value: number): unknown =>
    JSON.parse(JSON.stringify(REPORT), (key, found) => (key === 'oracle' ? { ...found, value } : found));
  expect(reportDifferences(REPORT, withOracle(0.95 + 1e-12))).toEqual([]);
  const differences = reportDifferences(REPORT, withOracle(0.94));
  expect(differences).toHaveLength(10);
  expect(differences).toContain(
    'report.groups.1.campaigns.0.evaluations.2.metrics.oracle.value: the report says 0.95, the store 0.94',
  );
  expect(reportDifferences({ a: 1 }, {})).toEqual(['report.a: the report says 1, the store nothing']);
});
