import { expect, it } from 'vitest';
import { Chart } from '../../../src/web/chart.tsx';
import { type ChartLine, chartData } from '../../../src/web/chart-data.ts';

const AXIS = { xName: 'iteration', unit: 'share' } as const;
const chart = async (lines: readonly ChartLine[], axis: Parameters<typeof chartData>[1] = AXIS): Promise<string> =>
  String(await (<Chart id="accuracy" title="Accuracy" note="of <auto>" data={chartData(lines, axis)} />));

it('has every number with its interval in a table, for readers without the script', async () => {
  const html = await chart([{ name: 'auto', hue: 'auto', points: [{ x: 0, value: 0.5, low: 0.45, high: 0.55 }] }]);
  expect(html).toMatch(/<details[^>]* open/);
  expect(html.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ')).toContain('iteration auto start 50.0 % 45.0 %–55.0 %');
  expect(html).toContain('of &lt;auto&gt;');
});

it('holds the data of the script in an attribute that no name of a line leaves', async () => {
  const html = await chart([{ name: '"><img src=x onerror=alert(1)>', hue: 'auto', points: [{ x: 1, value: 1 }] }]);
  expect(html).not.toContain('<img');
});

it('has a table of at most 60 rows besides the last, also for thousands of updates', async () => {
  const points = Array.from({ length: 5000 }, (_, x) => ({ x, value: 1 / (x + 1) }));
  const html = await chart([{ name: 'loss', hue: 'auto', points }], { xName: 'update', unit: 'number' });
  const rows = html.match(/<tr>/g)?.length ?? 0;
  expect(rows).toBeGreaterThan(50);
  expect(rows).toBeLessThanOrEqual(62);
  expect(html).toContain('>4999</th>');
});
