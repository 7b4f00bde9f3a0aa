/** Which part is killed when: drawn from a seed alone. */
import { createRandom } from '../../formats/random.ts';
import type { KillRole } from './roles.ts';

export interface PlannedKill {
  readonly role: KillRole;
  /** Tasks of the role that are let begin before the one in whose middle it is killed, counted from its last kill on. */
  readonly skip: number;
  /** Moment within the task, as a share of what such tasks take. */
  readonly share: number;
}

export interface ScheduleOptions {
  /** Equal seeds give equal schedules. */
  readonly seed: number;
  readonly kills: number;
  readonly roles: readonly KillRole[];
}

// In a small campaign a role may have but one task before it is needed no more, the trainer for one.
const MOST_SKIPPED: Readonly<Record<KillRole, number>> = {
  sample: 2,
  sandbox: 1,
  train: 0,
  trainer: 0,
  control: 12,
  container: 1,
  dockerd: 1,
  temporal: 12,
};
// Near the end of what is expected, a task may be over before the signal comes.
const LATEST_SHARE = 0.7;

/** Every role as often as any other, give or take one; which ones come once more is drawn too. */
export function planKills({ seed, kills, roles }: ScheduleOptions): PlannedKill[] {
  const random = createRandom(`kills/${seed}`);
  const planned: PlannedKill[] = [];
  while (planned.length < kills)
    for (const role of random.shuffle(roles)) {
      if (planned.length === kills) break;
      planned.push({ role, skip: random.below(MOST_SKIPPED[role] + 1), share: random.next() * LATEST_SHARE });
    }
  return planned;
}
