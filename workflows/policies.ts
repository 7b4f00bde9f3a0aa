/**
 * Timeouts, heartbeat limits and retry policies of each activity, with the reasons.
 *
 * Two counts bound the attempts. The activity itself counts *failures of the step* (it threw) in its heartbeat details,
 * and the failure becomes non-retryable after FAILURES_ALLOWED. The `maximumAttempts` below also counts killed workers,
 * which are no failures of the step. It only bounds a task that kills every worker. Records (facts, journal) are
 * bounded by their policy alone.
 */
import { type ActivityOptions, proxyActivities, type RetryPolicy } from '@temporalio/workflow';
import type { ControlActivities } from '../src/protocol/activities.ts';
import { NON_RETRYABLE } from '../src/protocol/failures.ts';
import { taskQueueOf } from '../src/protocol/queues.ts';

const retry = {
  initialInterval: '1s',
  backoffCoefficient: 2,
  // A restarted worker is back in seconds; a longer delay only idles the machine.
  maximumInterval: '15s',
  maximumAttempts: 60,
  nonRetryableErrorTypes: [...NON_RETRYABLE],
} satisfies RetryPolicy;

type Records = Pick<ControlActivities, 'recordFacts' | 'writeJournal'>;
type Elsewhere = keyof Records | 'postWebhook';

// The control worker also runs these workflows, so it is rarely the one that is missing.
const scheduleToStartTimeout = '6h';

/**
 * Takes from less than a second to minutes, on the thread that serves the API. Grading and curation may block its event
 * loop for seconds, so the heartbeat timeout is longer than elsewhere.
 */
export const control = proxyActivities<Omit<ControlActivities, Elsewhere>>({
  taskQueue: taskQueueOf('control'),
  startToCloseTimeout: '30m',
  heartbeatTimeout: '20s',
  scheduleToStartTimeout,
  retry,
});

/** The work takes milliseconds. A record whose worker was killed is retried after this time at most. */
const RECORD_HEARTBEAT = '8s';

/**
 * Records of a step. If they fail for seconds, the step fails, so that the campaign is blocked and shows the reason.
 * Five attempts over some 15 s outlast a busy disk, not a full one.
 */
export const stepRecords = proxyActivities<Records>({
  taskQueue: taskQueueOf('control'),
  startToCloseTimeout: '5m',
  heartbeatTimeout: RECORD_HEARTBEAT,
  scheduleToStartTimeout,
  retry: { ...retry, maximumAttempts: 5 },
});

/**
 * Records of the campaign itself, above all that it is blocked, often because of the very store that holds these
 * records. They wait until a person has repaired the store, and give up after a month, the longest time of a training.
 */
export const statusRecords = proxyActivities<Records>({
  taskQueue: taskQueueOf('control'),
  startToCloseTimeout: '5m',
  heartbeatTimeout: RECORD_HEARTBEAT,
  scheduleToCloseTimeout: '30d',
  retry: { ...retry, maximumAttempts: Number.POSITIVE_INFINITY },
});

/** The listener may be unavailable for a while. The campaign does not wait for it. */
export const webhook = proxyActivities<Pick<ControlActivities, 'postWebhook'>>({
  taskQueue: taskQueueOf('control'),
  startToCloseTimeout: '30s',
  scheduleToStartTimeout,
  retry: { initialInterval: '2s', backoffCoefficient: 3, maximumInterval: '5m', maximumAttempts: 8 },
});

/** Waits for an evaluation that another workflow or a person started, up to its longest time. */
export const waiting = proxyActivities<Pick<ControlActivities, 'awaitEvaluation'>>({
  taskQueue: taskQueueOf('control'),
  startToCloseTimeout: '7d',
  heartbeatTimeout: '20s',
  retry,
});

/**
 * Activities of sampling, sandbox and training, each with its own queues. The campaign sets how long a task waits for a
 * worker.
 */
export const partOptions = {
  /** The engine has its own threads, so heartbeats are on time: a dead worker is noticed in seconds. */
  sample: { startToCloseTimeout: '6h', heartbeatTimeout: '10s', retry },
  /** Bounded by the number of snippets times their limits. */
  sandbox: { startToCloseTimeout: '2h', heartbeatTimeout: '10s', retry },
  /**
   * Hours or days. Cancellation waits until the trainer has ended (the default), so that nothing starts over a live one.
   * Training sets are written on the worker's thread, which may hold the heartbeat up for some seconds.
   */
  train: { startToCloseTimeout: '30d', heartbeatTimeout: '20s', retry },
} satisfies Record<string, ActivityOptions>;
