/** A Temporal worker for one role: its queue, its activities, and for `control` the workflows. */
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from '@temporalio/client';
import { type ActivityInterceptorsFactory, Worker, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { logLine } from '../process/log-line.ts';
import { giveBackLostTasks, openTaskRegister, type TaskRegister } from '../process/task-register.ts';
import type { AliveActivities } from '../protocol/activities.ts';
import { aliveQueueOf, type Purpose, taskQueueOf, type WorkerRole } from '../protocol/queues.ts';
import { connectNative, type TemporalAccess } from './connect.ts';

export interface WorkerOptions extends TemporalAccess {
  readonly role: WorkerRole;
  readonly activities: object;
  /** Maximum concurrent activities. */
  readonly concurrency: number;
  /**
   * Maximum concurrent activities of evaluations, in addition to the campaigns'. Absent for roles with one queue for
   * both.
   */
  readonly evaluationConcurrency?: number;
  readonly workflowBundle?: WorkflowBundleWithSourceMap;
  /** Home folder of the task register: it records running tasks, and holds those of a killed process of the role. */
  readonly home?: string;
}

export interface RunningWorker {
  /** Resolves when the worker has shut down, rejects when it stopped by itself. */
  readonly ended: Promise<void>;
  /** Stops polling, cancels running activities, and resolves when all have ended. */
  shutdown(): Promise<void>;
}

/** Steps can be repeated anywhere, so a shutdown cancels them at once ... */
const SHUTDOWN_GRACE = '500ms';
/** ... and does not wait for one that hangs. Shorter than the supervisor's grace time. */
const SHUTDOWN_FORCE = '8s';

/** Small, because heartbeats deliver cancellation: it arrives within this time. */
const HEARTBEAT_THROTTLE = '2s';

/**
 * A workflow task waits this long for the process that caches the workflow, which may be dead. Then another rebuilds
 * it.
 */
const STICKY_LIMIT = '2s';

/** Number of cached workflows; others are rebuilt from their history. */
const WORKFLOWS_CACHED = 200;

/**
 * Waits for the server, then polls.
 *
 * @param options role, server and activities
 * @returns the running worker; its `shutdown` waits until all activities have ended
 */
export async function startWorker(options: WorkerOptions): Promise<RunningWorker> {
  const { role, namespace, dataConverter, activities, concurrency, workflowBundle } = options;
  const converter = dataConverter === undefined ? {} : { dataConverter };
  const onNote = (note: string): void => logLine(`${new Date().toISOString()} ${role}: ${note}`);
  const connection = await connectNative(options, { onNote });
  const register = options.home === undefined ? undefined : await openTaskRegister(options.home, role);
  const create = (purpose: Purpose, slots: number): Promise<Worker> =>
    Worker.create({
      connection,
      namespace,
      ...converter,
      taskQueue: taskQueueOf(role, purpose),
      identity: `${role}@${hostname()}#${process.pid}`,
      activities,
      maxConcurrentActivityTaskExecutions: slots,
      maxHeartbeatThrottleInterval: HEARTBEAT_THROTTLE,
      defaultHeartbeatThrottleInterval: HEARTBEAT_THROTTLE,
      shutdownGraceTime: SHUTDOWN_GRACE,
      shutdownForceTime: SHUTDOWN_FORCE,
      stickyQueueScheduleToStartTimeout: STICKY_LIMIT,
      ...(register === undefined ? {} : { interceptors: { activity: [notingTasks(register)] } }),
      ...(workflowBundle === undefined ? {} : { workflowBundle, maxCachedWorkflows: WORKFLOWS_CACHED }),
    });
  const workers = [await create('campaigns', concurrency)];
  if (options.evaluationConcurrency !== undefined)
    workers.push(await create('evaluations', options.evaluationConcurrency));
  if (role !== 'control')
    workers.push(await Worker.create({ ...aliveOptions(role), ...converter, connection, namespace }));
  const over = new AbortController();
  const giveBack =
    options.home === undefined
      ? undefined
      : takeOver(options.home, role, new Client({ connection, namespace, ...converter }), over.signal);
  const shutdown = (): void => {
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  // If one worker stops by itself, the other is shut down too.
  const runs = workers.map((worker) => worker.run().finally(shutdown));
  const ended = Promise.allSettled(runs).then(async () => {
    over.abort();
    await giveBack;
    await connection.close();
    await Promise.all(runs);
  });
  return {
    ended,
    async shutdown() {
      shutdown();
      await ended.catch(() => undefined);
    },
  };
}

/** The queue that answers whether the role has a worker. It is separate from the work, so it is never busy. */
const aliveOptions = (role: WorkerRole) => ({
  taskQueue: aliveQueueOf(role),
  identity: `${role}@${hostname()}#${process.pid}`,
  activities: { isAlive: async () => true } satisfies AliveActivities,
  maxConcurrentActivityTaskExecutions: 4,
  maxConcurrentActivityTaskPolls: 1,
  shutdownGraceTime: SHUTDOWN_GRACE,
  shutdownForceTime: SHUTDOWN_FORCE,
});

function notingTasks(register: TaskRegister): ActivityInterceptorsFactory {
  return ({ info }) => ({ inbound: { execute: (input, next) => register.during(info, () => next(input)) } });
}

const TAKE_OVER_TRIES = 10;
const TAKE_OVER_PAUSE_MS = 1000;

/** Runs concurrently with the polling, so that a server that is still starting delays no work. Never rejects. */
async function takeOver(home: string, role: string, client: Client, signal: AbortSignal): Promise<void> {
  const say = (text: string): void => logLine(`${new Date().toISOString()} ${role}: ${text}`);
  for (let tries = 1; !signal.aborted; tries += 1) {
    try {
      const lost = await giveBackLostTasks(home, role, client);
      if (lost > 0) say(`took over ${lost} tasks of a process that had died`);
      return;
    } catch (error) {
      if (tries >= TAKE_OVER_TRIES) return say(`tasks of a process that had died wait for their time limit: ${error}`);
      await sleep(TAKE_OVER_PAUSE_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}
