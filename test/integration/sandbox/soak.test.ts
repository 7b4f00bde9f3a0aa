import { expect, it } from 'vitest';
import { soak } from './soak.ts';

it('1,000 executions with 1 % endless loops: all right, nothing lost, nothing left', { timeout: 900_000 }, async () => {
  const { wrong, census, metrics } = await soak(1000);
  expect(wrong).toEqual([]);
  expect(metrics.ends).toMatchObject({ ok: 991, 'cpu-timeout': 10, infrastructure: 0 });
  expect(metrics).toMatchObject({ containersLost: 0, queued: 0 });
  expect(census.length).toBeGreaterThan(0);
  for (const left of census) expect(left).toMatchObject({ processes: 2, files: 0 });
});
