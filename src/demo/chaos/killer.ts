/** Kills parts of a running stack by a schedule, each in the middle of a task, and measures the recovery time. */
import { setTimeout as sleep } from 'node:timers/promises';
import { readStackState } from '../../process/stack-file.ts';
import { readStepLog } from '../../process/step-log.ts';
import { type KillRole, tasksOf } from './roles.ts';
import type { PlannedKill } from './schedule.ts';
import type { TaskWatch, WatchedTask } from './task-watch.ts';
import type { Victims } from './victims.ts';

export interface Kill {
  readonly role: KillRole;
  /** e.g. `sample, process 1234`. */
  readonly what: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** The activity that it interrupted. */
  readonly activity: string;
  /** Whether the task was still running after the signal. */
  readonly isInFlight: boolean;
  /** Time to the role's next useful work, see `nextWork`; undefined if there was none. */
  readonly resumedMs: number | undefined;
}

export interface KillerOptions {
  readonly home: string;
  readonly watch: TaskWatch;
  readonly schedule: readonly PlannedKill[];
  readonly victims: Victims;
  /** Minimum task durations by activity, from earlier measurements. */
  readonly typicalMs?: Readonly<Record<string, number>>;
  /** Minimum time between kills. Default 0. */
  readonly restMs?: number;
  readonly onKill?: (kill: Kill) => void;
}

export interface Killer {
  /** The kills that hit a task, and the rest of the schedule. */
  readonly kills: readonly Kill[];
  readonly left: readonly PlannedKill[];
  /** Ends the kills; resolves when the last one has been timed. */
  stop(): Promise<void>;
}

const DEFAULT_TYPICAL_MS = 100;
const POLL_MS = 10;
/** Much longer than any part needs to restart. */
const RESUME_LIMIT_MS = 180_000;

/** One kill at a time: the next waits until work has continued after the last one. */
export function startKiller(options: KillerOptions): Killer {
  const { watch, victims } = options;
  const left = [...options.schedule];
  const seen = new Map<KillRole, number>();
  const kills: Kill[] = [];
  /** Ids of killed processes, whose tasks never end. */
  const dead = new Set<number>();
  const misses = new Map<PlannedKill, number>();
  const stopping = new AbortController();
  let under: Promise<void> | undefined;
  let restUntil = 0;

  const fits = (role: KillRole, task: WatchedTask): boolean => (tasksOf(role) ?? task.role) === task.role;

  watch.onBegin((task) => {
    for (const role of new Set(left.map((planned) => planned.role)))
      if (fits(role, task)) seen.set(role, (seen.get(role) ?? 0) + 1);
    consider(task);
  });

  /** For each role its first remaining entry; of these, the first that is due. */
  function consider(task: WatchedTask): void {
    if (stopping.signal.aborted || under !== undefined || Date.now() < restUntil || dead.has(task.pid)) return;
    const roles = new Set(left.filter(({ role }) => fits(role, task)).map(({ role }) => role));
    const next = [...roles]
      .map((role) => left.find((planned) => planned.role === role))
      .find((planned) => planned !== undefined && (seen.get(planned.role) ?? 0) > planned.skip);
    if (next === undefined) return;
    under = strike(next, task).finally(() => {
      under = undefined;
      // A task that began in the meantime may be the role's last.
      for (const other of watch.open()) if (other !== task) consider(other);
    });
  }

  async function strike(planned: PlannedKill, task: WatchedTask): Promise<void> {
    const { role } = planned;
    const victim = victims[role];
    const isOver = (): boolean => !watch.isNoted(task) || stopping.signal.aborted;
    if (victim === undefined || !(await victim.ready(task, isOver))) return;
    // A task shorter than expected has ended by now; the next one is killed earlier.
    await sleep(planned.share * typicalOf(task.activity) * 0.5 ** (misses.get(planned) ?? 0));
    const at = Date.now();
    const what = isOver() ? undefined : await victim.kill(task);
    const isInFlight = what !== undefined && watch.isNoted(task);
    if (!isInFlight) misses.set(planned, (misses.get(planned) ?? 0) + 1);
    if (what === undefined) return;
    if (role === task.role) dead.add(task.pid);
    if (isInFlight) {
      left.splice(left.indexOf(planned), 1);
      seen.set(role, 0);
    }
    const resumedAt = await nextWork(role, task, at);
    const kill: Kill = {
      role,
      what,
      at,
      activity: task.activity,
      isInFlight,
      resumedMs: resumedAt === undefined ? undefined : resumedAt - at,
    };
    kills.push(kill);
    restUntil = Date.now() + (options.restMs ?? 0);
    options.onKill?.(kill);
  }

  /** The shortest known duration: an early kill still hits the task, a late one misses it. */
  function typicalOf(activity: string): number {
    const earlier = options.typicalMs?.[activity];
    const known = [...watch.durationsOf(activity), ...(earlier === undefined ? [] : [earlier])];
    return known.length === 0 ? DEFAULT_TYPICAL_MS : Math.min(...known);
  }

  /**
   * Start of the role's next useful work. For a worker it is a task in another process; for the trainer the next
   * attempt; for the Temporal server any task after its restart; for a container or its engine the end of the task or
   * of another one.
   */
  async function nextWork(role: KillRole, task: WatchedTask, at: number): Promise<number | undefined> {
    const oldServer = (await readStackState(options.home))?.pids.temporal;
    let serverBackAt: number | undefined;
    const begun = (holds: (other: WatchedTask) => boolean): number | undefined =>
      watch.begun.find((other) => other.beganAt >= at && other.file !== task.file && holds(other))?.beganAt;
    while (Date.now() - at < RESUME_LIMIT_MS && !stopping.signal.aborted) {
      const found = await look();
      if (found !== undefined) return found;
      await sleep(POLL_MS);
    }
    return undefined;

    async function look(): Promise<number | undefined> {
      switch (role) {
        case 'sample':
        case 'sandbox':
        case 'train':
        case 'control':
          return begun((other) => other.role === role && other.pid !== task.pid);
        case 'trainer':
          return begun((other) => other.role === 'train');
        case 'container':
        case 'dockerd': {
          const log = await readStepLog(options.home);
          const done = log.find((line) => line.at >= at && line.role === 'sandbox' && line.event === 'committed')?.at;
          return done ?? watch.endOf(task);
        }
        case 'temporal': {
          const pid = (await readStackState(options.home))?.pids.temporal;
          if (serverBackAt === undefined && pid !== undefined && pid !== oldServer) serverBackAt = Date.now();
          const back = serverBackAt;
          return back === undefined ? undefined : begun((other) => other.beganAt >= back);
        }
      }
    }
  }

  return {
    kills,
    left,
    async stop() {
      stopping.abort();
      await under;
    },
  };
}
