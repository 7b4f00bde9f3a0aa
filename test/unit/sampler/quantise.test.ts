import fc from 'fast-check';
import { expect, it } from 'vitest';
import { quantiseRows } from '../../../src/sampler/quantise.ts';

it('brings each weight back to half a step of its channel, transposed, beside what is there', () => {
  const shape = fc.record({ rows: fc.integer({ min: 1, max: 130 }), width: fc.integer({ min: 1, max: 9 }) });
  fc.assert(
    fc.property(shape, fc.integer(), ({ rows, width }, seed) => {
      const values = Float32Array.from({ length: rows * width }, (_, i) => Math.sin(seed + i * i) * (1 + (i % 7)));
      const [before, columns] = [3, rows + 5];
      const matrix = new Int8Array(width * columns).fill(99);
      const scales = new Float32Array(columns).fill(-1);
      quantiseRows(values, { matrix, scales, firstColumn: before });
      for (let row = 0; row < rows; row++) {
        const scale = scales[before + row] ?? 0;
        const largest = Math.max(...values.subarray(row * width, (row + 1) * width).map(Math.abs));
        expect(scale).toBeCloseTo(largest / 127, 6);
        for (let i = 0; i < width; i++) {
          const back = (matrix[i * columns + before + row] ?? 0) * scale;
          expect(Math.abs(back - (values[row * width + i] ?? 0))).toBeLessThanOrEqual(scale * 0.5001);
        }
      }
      expect([...scales.subarray(0, before), ...scales.subarray(before + rows)].every((value) => value === -1)).toBe(
        true,
      );
      for (let i = 0; i < width; i++) expect(matrix[i * columns + before + rows]).toBe(99);
    }),
    { numRuns: 30 },
  );
});

it('keeps a channel of zeros zero', () => {
  const matrix = new Int8Array(4).fill(1);
  quantiseRows(new Float32Array(4), { matrix, scales: new Float32Array(2), firstColumn: 0 });
  expect([...matrix]).toEqual([0, 0, 0, 0]);
});

it('hands on what is no number, so that a diverged model is noticed', () => {
  const scales = new Float32Array(2);
  quantiseRows(Float32Array.of(1, Number.NaN, 2, 3), { matrix: new Int8Array(4), scales, firstColumn: 0 });
  expect(scales[0]).toBeNaN();
  expect(scales[1]).toBeCloseTo(3 / 127, 6);
});
