/** The alarm of a model that lost on the validation problems what an earlier iteration could do. */
import { type Alarm, alarmOf, isSurelyAboveLimit, percent } from './alarm.ts';
import type { MeasuredIteration } from './alarms.ts';
import { apart } from './compare-evaluations.ts';

/**
 * Raised where the last `auto` accuracy is surely below that of the best iteration before it.
 *
 * @param measured - Evaluations on the validation problems, in order of iteration
 */
export function collapseAlarm(measured: readonly MeasuredIteration[]): Alarm[] {
  const last = measured.at(-1);
  const now = last?.metrics.accuracy.auto;
  const [best] = measured
    .slice(0, -1)
    .flatMap(({ iteration, metrics: { accuracy } }) =>
      accuracy.auto === undefined ? [] : [{ iteration, auto: accuracy.auto }],
    )
    .sort((a, b) => b.auto.value - a.auto.value);
  if (last === undefined || now === undefined || best === undefined) return [];
  if (!isSurelyAboveLimit(apart(now, best.auto), 0)) return [];
  const from = `${percent(best.auto.value)} after iteration ${best.iteration}`;
  const message = `auto on the validation problems fell from ${from} to ${percent(now.value)}`;
  return [alarmOf('collapsed', last.iteration, message)];
}
