/**
 * The activities of the parts beside control, which may be away: a worker that was not started, a machine that is down.
 * A task that no worker takes within the part's time is put back into the queue while a worker answers (the queue is
 * long, or the tasks before it are), and fails when none does.
 */
import { ActivityFailure, ApplicationFailure, proxyActivities, TimeoutFailure } from '@temporalio/workflow';
import type {
  AliveActivities,
  SampleActivities,
  SandboxActivities,
  SettleActivities,
  TrainActivities,
} from '../src/protocol/activities.ts';
import { aliveQueueOf, type Purpose, taskQueueOf, type WorkerRole } from '../src/protocol/queues.ts';
import type { SampleReplay, SandboxReplay, TrainReplay } from '../src/protocol/replay-activities.ts';
import { partOptions } from './policies.ts';

export interface Parts {
  readonly sampling: SampleActivities & SampleReplay;
  readonly sandbox: SandboxActivities & SandboxReplay & SettleActivities;
  readonly training: TrainActivities & TrainReplay;
}

export function partsFor(purpose: Purpose, patienceMs: number): Parts {
  const on = <A extends object>(role: Exclude<WorkerRole, 'control'>, queue: string): A =>
    untilTaken(
      proxyActivities<A>({ ...partOptions[role], taskQueue: queue, scheduleToStartTimeout: patienceMs }) as A,
      role,
      patienceMs,
    );
  return {
    sampling: on('sample', taskQueueOf('sample', purpose)),
    sandbox: on('sandbox', taskQueueOf('sandbox', purpose)),
    training: on('train', taskQueueOf('train')),
  };
}

/** The same activities, patient with a queue, not with an absence. */
function untilTaken<A extends object>(activities: A, role: WorkerRole, patienceMs: number): A {
  return new Proxy(activities, {
    get: (target, name) => {
      const call = Reflect.get(target, name) as (input: unknown) => Promise<unknown>;
      return async (input: unknown): Promise<unknown> => {
        for (;;) {
          try {
            return await call(input);
          } catch (error) {
            if (!isUntaken(error)) throw error;
            if (!(await isAlive(role, patienceMs))) throw absence(String(name), role, patienceMs);
          }
        }
      };
    },
  });
}

/** A worker may hold its thread for some seconds to read or write a training set. */
const ANSWER_MS = 20_000;

const isUntaken = (error: unknown): boolean =>
  error instanceof ActivityFailure &&
  error.cause instanceof TimeoutFailure &&
  error.cause.timeoutType === 'SCHEDULE_TO_START';

async function isAlive(role: WorkerRole, patienceMs: number): Promise<boolean> {
  const { isAlive: ask } = proxyActivities<AliveActivities>({
    taskQueue: aliveQueueOf(role),
    scheduleToCloseTimeout: Math.min(ANSWER_MS, patienceMs),
    retry: { maximumAttempts: 1 },
  });
  try {
    return await ask();
  } catch (error) {
    if (error instanceof ActivityFailure && error.cause instanceof TimeoutFailure) return false;
    throw error;
  }
}

const absence = (activity: string, role: WorkerRole, patienceMs: number): ApplicationFailure =>
  ApplicationFailure.nonRetryable(
    `${activity}: no worker took it in ${Number((patienceMs / 60_000).toPrecision(2))} min; is the ${role} worker running?`,
    'no-worker',
  );
