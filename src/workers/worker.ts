/** A Temporal worker for one role: its queue, its activities, and for `control` the workflows. */
import { hostname } from 'node:os';
import {
  DefaultLogger,
  makeTelemetryFilterString,
  Runtime,
  Worker,
  type WorkflowBundleWithSourceMap,
} from '@temporalio/worker';
import { taskQueueOf, type WorkerRole } from '../../workflows/queues.ts';
import { connectNative } from './connect.ts';
import { NAMESPACE } from './temporal-server.ts';

export interface WorkerOptions {
  readonly role: WorkerRole;
  readonly address: string;
  readonly activities: object;
  /** Activities at a time. */
  readonly concurrency: number;
  readonly workflowBundle?: WorkflowBundleWithSourceMap;
  readonly namespace?: string;
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
  const connection = await connectNative(address, new AbortController().signal);
  const worker = await Worker.create({
    connection,
    namespace: options.namespace ?? NAMESPACE,
    taskQueue: taskQueueOf(role),
    identity: `${role}@${hostname()}#${process.pid}`,
    activities,
    maxConcurrentActivityTaskExecutions: concurrency,
    maxHeartbeatThrottleInterval: HEARTBEAT_THROTTLE,
    defaultHeartbeatThrottleInterval: HEARTBEAT_THROTTLE,
    shutdownGraceTime: SHUTDOWN_GRACE,
    shutdownForceTime: SHUTDOWN_FORCE,
    ...(workflowBundle === undefined ? {} : { workflowBundle, maxCachedWorkflows: WORKFLOWS_CACHED }),
  });
  const ended = worker.run().finally(() => connection.close());
  return {
    ended,
    async shutdown() {
      if (worker.getState() === 'RUNNING') worker.shutdown();
      await ended.catch(() => undefined);
    },
  };
}
