/** The alarm of forgetting: an evaluation suite from before the campaign whose accuracy falls. */
import { type Alarm, alarmOf, isSurelyAboveLimit, percent } from './alarm.ts';
import type { MeasuredIteration } from './alarms.ts';
import { apart } from './compare-evaluations.ts';

/**
 * The alarm of one suite of `role: retention`, whose last `auto` is surely below that of the start.
 *
 * @param measured - Evaluations on the suite, in order of iteration
 */
export function retentionAlarm(suite: string, measured: readonly MeasuredIteration[]): Alarm[] {
  const [first, last] = [measured[0], measured.at(-1)];
  const [start, now] = [first?.metrics.accuracy.auto, last?.metrics.accuracy.auto];
  if (last === undefined || start === undefined || now === undefined) return [];
  if (!isSurelyAboveLimit(apart(now, start), 0)) return [];
  const message = `auto on ${suite} fell from ${percent(start.value)} at the start to ${percent(now.value)}`;
  return [alarmOf('forgetting', last.iteration, message)];
}
