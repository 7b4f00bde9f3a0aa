/** The table of docs/alarms.md. */
import { ALARM_KINDS, alarmOf, levelOf } from './alarm.ts';

/** Every alarm, most important first, with its level and its action. */
export const alarmsTable = (): string =>
  [
    '| alarm | level | what to do first |',
    '|---|---|---|',
    ...ALARM_KINDS.map((kind) => `| [${kind}](#${kind}) | ${levelOf(kind)} | ${alarmOf(kind, 0, '').action} |`),
  ].join('\n');
