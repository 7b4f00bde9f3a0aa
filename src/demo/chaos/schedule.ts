/** Which part is killed when; a pure function of the seed. */
import { createRandom } from '../../formats/random.ts';
import type { KillRole } from './roles.ts';

export interface PlannedKill {
  readonly role: KillRole;
  /** Number of the role's tasks that begin between its last kill and the one that is interrupted. */
  readonly skip: number;
  /** Time of the kill within the task, as a share of the expected duration. */
  readonly share: number;
}

export interface ScheduleOptions {
  /** Equal seeds give equal schedules. */
  readonly seed: number;
  readonly kills: number;
  readonly roles: readonly KillRole[];
}

// In a small campaign a role may have a single task, e.g. the trainer.
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
// Near the expected end, a task may be over before the signal arrives.
const LATEST_SHARE = 0.7;

/** Every role equally often, up to one kill more; a draw decides which roles get it. */
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
