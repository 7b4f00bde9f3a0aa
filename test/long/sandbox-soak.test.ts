import { expect, it } from 'vitest';
import { soak } from '../integration/sandbox/soak.ts';

it('50,000 executions with 1 % endless loops leak nothing', { timeout: 3_600_000 }, async () => {
  const { wrong, census, metrics, descriptors, heapBytes } = await soak(50_000);
  console.log({ metrics, census, descriptors, heapBytes });
  expect(wrong).toEqual([]);
  expect(metrics.ends.infrastructure).toBe(0);
  expect(metrics.containersLost).toBe(0);
  for (const left of census) {
    expect(left).toMatchObject({ processes: 2, files: 0 });
    expect(left.memoryKib).toBeLessThan(40_000);
  }
  expect(descriptors[1]).toBeLessThanOrEqual(descriptors[0] + 2);
  expect(heapBytes[1]).toBeLessThan(heapBytes[0] + 50e6);
});
