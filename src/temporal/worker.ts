/** A Temporal worker for one role: its queue, its activities, and for `control` the workflows. */
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from '@temporalio/client';
import {
  type ActivityInterceptorsFactory,
  DefaultLogger,
  makeTelemetryFilterString,
  Runtime,
  Worker,
  type WorkflowBundleWithSourceMap,
} from '@temporalio/worker';
import { giveBackLostTasks, openTaskRegister, type TaskRegister } from '../process/task-register.ts';
import type { AliveActivities } from '../protocol/activities.ts';
import { aliveQueueOf, type Purpose, taskQueueOf, type WorkerRole } from '../protocol/queues.ts';
import { connectNative } from './connect.ts';
import { NAMESPACE } from './temporal-server.ts';

export interface WorkerOptions {
  readonly role: WorkerRole;
  readonly address: string;
  readonly activities: object;
  /** Activities at a time. */
  readonly concurrency: number;
  /** Activities of evaluations at a time, beside the campaigns'; absent for roles that serve both from one queue. */
  readonly evaluationConcurrency?: number;
  readonly workflowBundle?: WorkflowBundleWithSourceMap;
  readonly namespace?: string;
  /** Where it notes the tasks that it has in hand, and finds those that a killed process of its role left. */
  readonly home?: string;
}

export interface RunningWorker {
  /** Settles when the worker has ended, rejects when it ended by itself. */
  readonly ended: Promise<void>;
  /** Takes no more work, cancels what runs, and resolves when all of it has ended. */
  shutdown(): Promise<void>;
}

/** Steps can be done again anywhere, so a worker that must go lets them go at once ... */
const SHUTDOWN_GRACE = '500ms';
/** ... and does not wait for one that hangs. Below the supervisor's patience. */
const SHUTDOWN_FORCE = '8s';

/** Small, since heartbeats carry cancellation back: it arrives within this time. */
const HEARTBEAT_THROTTLE = '2s';

/** A workflow waits this long for the process that has it in memory before another rebuilds it: that one may be dead. */
const STICKY_LIMIT = '2s';

/** Workflows kept in memory; one that is not is rebuilt from its history. */
const WORKFLOWS_CACHED = 200;

/** Said of every worker without workflows: three of four of ours. */
const EXPECTED_MESSAGE = 'No workflows registered, not polling for workflow tasks';

let isRuntimeInstalled = false;

/** The process-wide part of the SDK: its log to stderr, its hands off signals. The first call decides. */
export function installRuntime(level: 'WARN' | 'ERROR' = 'WARN'): void {
  if (isRuntimeInstalled) return;
  isRuntimeInstalled = true;
  Runtime.install({
    logger: new DefaultLogger(level, ({ level, timestampNanos, message, meta }) => {
      if (message === EXPECTED_MESSAGE) return;
      const at = new Date(Number(timestampNanos / 1_000_000n)).toISOString();
      process.stderr.write(
        `${at} ${level} ${message} ${meta === undefined ? '' : JSON.stringify(meta, replaceError)}\n`,
      );
    }),
    telemetryOptions: { logging: { forward: {}, filter: makeTelemetryFilterString({ core: 'WARN', other: 'ERROR' }) } },
    shutdownSignals: [],
  });
}

function replaceError(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  return value instanceof Error ? (value.stack ?? value.message) : value;
}

/** Waits for the server, then polls. */
export async function startWorker(options: WorkerOptions): Promise<RunningWorker> {
  installRuntime();
  const { role, address, activities, concurrency, workflowBundle } = options;
  const namespace = options.namespace ?? NAMESPACE;
  const connection = await connectNative(address, new AbortController().signal);
  const register = options.home === undefined ? undefined : await openTaskRegister(options.home, role);
  const create = (purpose: Purpose, slots: number): Promise<Worker> =>
    Worker.create({
      connection,
      namespace,
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
  if (role !== 'control') workers.push(await Worker.create({ ...aliveOptions(role), connection, namespace }));
  const over = new AbortController();
  const giveBack =
    options.home === undefined
      ? undefined
      : takeOver(options.home, role, new Client({ connection, namespace }), over.signal);
  const shutdown = (): void => {
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  // One that ends by itself takes the other along.
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

/** A task that waits long asks here whether it waits for others or for nobody, so this is never busy. */
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

/** Beside the polling: a server that is not all there yet keeps nobody from work. Never rejects. */
async function takeOver(home: string, role: string, client: Client, signal: AbortSignal): Promise<void> {
  const say = (text: string): void => void process.stderr.write(`${new Date().toISOString()} ${role}: ${text}\n`);
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
