/** The chaos report as text: one line per kill, and recovery times by role. */
import type { Kill } from './killer.ts';
import { KILL_ROLES } from './roles.ts';

const seconds = (ms: number | undefined): string => (ms === undefined ? '-' : `${(ms / 1000).toFixed(1)} s`);

/** e.g. `killed sample, process 1234, in sampleTurn; back at work after 2.1 s`. */
export function killLine({ what, activity, resumedMs }: Kill): string {
  const after = resumedMs === undefined ? 'nothing was left to do for it' : `back at work after ${seconds(resumedMs)}`;
  return `killed ${what}, in the middle of ${activity}; ${after}`;
}

/** Percentile by nearest rank; undefined for an empty list. */
export function percentile(values: readonly number[], share: number): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}

/** Per role: kills that interrupted a task, and the seconds from the kill to the next useful work. */
export function killTable(kills: readonly Kill[]): string {
  const rows = KILL_ROLES.flatMap((role) => {
    const own = kills.filter((kill) => kill.role === role && kill.isInFlight);
    if (own.length === 0) return [];
    const times = own.flatMap(({ resumedMs }) => (resumedMs === undefined ? [] : [resumedMs]));
    return [[role, `${own.length}`, seconds(percentile(times, 0.5)), seconds(percentile(times, 0.95))]];
  });
  const table = [['killed', 'times', 'p50', 'p95'], ...rows];
  return table
    .map(([name = '', ...cells]) => [name.padEnd(10), ...cells.map((cell) => cell.padStart(8))].join(''))
    .join('\n');
}
