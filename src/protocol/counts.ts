/** Counts by name, as stages report them. Facts, failure budgets, alarms and pages use them. Only this file builds and parses the names. */
import type { Arm, ExecutionEnd, Grade, RolloutEnd } from '../rollout/types.ts';

export type Counts = Readonly<Record<string, number>>;

/** Counts of an arm's rollouts: by end, undecided by the grader's rules, and in total. */
export type RolloutCount = RolloutEnd | 'undecided' | 'rollouts';

export const rolloutCount = (of: RolloutCount, arm: Arm): `${RolloutCount}.${Arm}` => `${of}.${arm}`;

/** The arm's number of rollouts under the name; 0 if there are none. */
export const countOf = (counts: Counts, of: RolloutCount, arm: Arm): number => counts[rolloutCount(of, arm)] ?? 0;

/** Whether answers of any arm are undecided. */
export const hasUndecided = (counts: Counts): boolean =>
  Object.entries(counts).some(([name, count]) => name.startsWith('undecided.') && count > 0);

export const gradeCount = (grade: Grade): `grade.${Grade}` => `grade.${grade}`;

/** Counts of executions: by end, answered from the cache, and their time. */
export type ExecutionCount = ExecutionEnd | 'cached' | 'cpuMs' | 'queueMs';

export const executionCount = (of: ExecutionCount): `execution.${ExecutionCount}` => `execution.${of}`;

const LOST = 'failed.';

/** Rollouts that the part `cause` lost, e.g. `sandbox` or `grader`. They are no failure of the model. */
export const lossCount = (arm: Arm, cause: string): string => `${LOST}${arm}.${cause}`;

/** Losses by arm and cause; arms and causes without any are left out. */
export function lossesByArm(counts: Counts): ReadonlyMap<string, Counts> {
  const arms = new Map<string, Record<string, number>>();
  for (const [name, value] of Object.entries(counts)) {
    if (!name.startsWith(LOST) || value === 0) continue;
    const dot = name.indexOf('.', LOST.length);
    const [arm, cause] = [name.slice(LOST.length, dot), name.slice(dot + 1)];
    if (dot === -1 || arm === '' || cause === '') continue;
    arms.set(arm, { ...arms.get(arm), [cause]: value });
  }
  return arms;
}

/** The losses of an arm, by cause. */
export const lossesOf = (counts: Counts, arm: Arm): Counts => lossesByArm(counts).get(arm) ?? {};

/** Whether the part lost any rollout of any arm. */
export const hasLosses = (counts: Counts, cause: string): boolean =>
  [...lossesByArm(counts).values()].some((causes) => causes[cause] !== undefined);

/** The losses among the counts. */
export const onlyLosses = (counts: Counts): Counts =>
  Object.fromEntries(Object.entries(counts).filter(([name]) => name.startsWith(LOST)));

export const totalOf = (counts: Counts): number => Object.values(counts).reduce((sum, value) => sum + value, 0);

/** `sandbox 40, grader 10` */
export const describeLosses = (causes: Counts): string =>
  Object.entries(causes)
    .map(([cause, value]) => `${cause} ${value}`)
    .join(', ');

/** Sums by name. */
export function sumCounts(all: Iterable<Counts>): Counts {
  const sums: Record<string, number> = {};
  for (const counts of all) for (const [name, value] of Object.entries(counts)) sums[name] = (sums[name] ?? 0) + value;
  return sums;
}

/** How often each name occurs. */
export function tally(names: Iterable<string>): Counts {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
