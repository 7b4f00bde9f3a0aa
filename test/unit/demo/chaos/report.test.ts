import { expect, it } from 'vitest';
import type { Kill } from '../../../../src/demo/chaos/killer.ts';
import { killLine, killTable } from '../../../../src/demo/chaos/report.ts';

const kill = (resumedMs: number | undefined, isInFlight = true): Kill => ({
  role: 'sample',
  what: 'sample, process 12',
  at: 0,
  activity: 'sampleTurn',
  isInFlight,
  resumedMs,
});

it('a kill is reported with the interrupted task and the recovery time', () => {
  expect(killLine(kill(2130))).toBe('killed sample, process 12, in the middle of sampleTurn; back at work after 2.1 s');
  expect(killLine(kill(undefined))).toContain('nothing was left to do for it');
});

it('the table counts kills that hit a task and says the median and the 95th percentile of the way back', () => {
  const kills = [...Array.from({ length: 20 }, (_, at) => kill(1000 * (at + 1))), kill(undefined), kill(99_000, false)];
  expect(killTable(kills)).toBe(
    ['killed       times     p50     p95', 'sample          21  10.0 s  19.0 s'].join('\n'),
  );
});
