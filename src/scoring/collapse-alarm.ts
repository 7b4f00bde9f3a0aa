/** A model that lost on the validation problems what an earlier iteration could do. */
import type { Measure } from '../protocol/evaluation-metrics.ts';
import { type Alarm, alarmOf, isSurelyAboveLimit, percent } from './alarm.ts';
import type { MeasuredIteration } from './alarms.ts';
import { apart } from './compare-evaluations.ts';

export interface Collapse<Measured extends MeasuredIteration> {
  /** The last iteration, which fell. */
  readonly last: Measured;
  /** The best before it; of equal ones the earliest. */
  readonly best: Measured;
  /** E.g. `auto on the validation problems fell from 92 % after iteration 1 to 41 %`. */
  readonly message: string;
}

/**
 * Finds a last `auto` accuracy that is surely below that of the best iteration before it; undefined where there is none.
 *
 * @param measured - Evaluations on the validation problems, in order of iteration
 */
export function findCollapse<Measured extends MeasuredIteration>(
  measured: readonly Measured[],
): Collapse<Measured> | undefined {
  const last = measured.at(-1);
  const now = last?.metrics.accuracy.auto;
  const [best] = measured
    .slice(0, -1)
    .flatMap((of): { of: Measured; auto: Measure }[] => {
      const { auto } = of.metrics.accuracy;
      return auto === undefined ? [] : [{ of, auto }];
    })
    .sort((a, b) => b.auto.value - a.auto.value);
  if (last === undefined || now === undefined || best === undefined) return undefined;
  if (!isSurelyAboveLimit(apart(now, best.auto), 0)) return undefined;
  const from = `${percent(best.auto.value)} after iteration ${best.of.iteration}`;
  const message = `auto on the validation problems fell from ${from} to ${percent(now.value)}`;
  return { last, best: best.of, message };
}

/** @param measured - Evaluations on the validation problems, in order of iteration */
export function collapseAlarm(measured: readonly MeasuredIteration[]): Alarm[] {
  const collapse = findCollapse(measured);
  return collapse === undefined ? [] : [alarmOf('collapsed', collapse.last.iteration, collapse.message)];
}
