import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Chart, type ChartSeries, placeLabels } from '../../../src/web/chart.tsx';

const series = (name: string, value: number): ChartSeries => ({
  name,
  className: 'series-auto',
  marker: 'circle',
  points: [
    { iteration: 0, measure: { value, low: Math.max(0, value - 0.05), high: Math.min(1, value + 0.05), n: 400 } },
  ],
});

it('puts values, intervals and a description where they belong', async () => {
  const chart = <Chart title="Accuracy" note="of <auto>" series={[series('auto', 0.5)]} iterations={4} />;
  const html = String(await chart);
  expect(html).toContain('aria-label="Accuracy: auto from 50.0 % to 50.0 %"');
  expect(html).toContain('auto, start: 50.0 %, 95 % interval 45.0 % to 55.0 %, n 400');
  expect(html).toContain('of &lt;auto&gt;');
  // Half way between 12 and 236 from the top, in the wide proportion.
  expect(html).toContain('<circle cx="40" cy="124" r="4"');
});

it('draws an empty frame when nothing was measured', async () => {
  const html = String(await (<Chart title="Accuracy" note="" series={[]} iterations={0} />));
  expect(html).toContain('Accuracy: nothing measured yet');
  expect(html).not.toContain('NaN');
});

it('never lets the names of lines overlap or leave the chart', () => {
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(fc.array(share, { minLength: 1, maxLength: 5 }), (values) => {
      const frame = { height: 270, bottom: 34, top: 12 };
      const y = (value: number) => 236 - value * 224;
      const labels = placeLabels(
        values.map((value, index) => series(`line ${index}`, value)),
        y,
        frame,
      );
      for (const [index, label] of labels.entries()) {
        expect(label.y).toBeGreaterThanOrEqual(frame.top - 0.1);
        expect(label.y).toBeLessThanOrEqual(frame.height - frame.bottom + 0.1);
        const above = labels[index - 1];
        if (above !== undefined) expect(label.y - above.y).toBeGreaterThanOrEqual(14);
      }
    }),
  );
});
