/**
 * How long each activity may take, how soon a dead worker is noticed, and what is tried again, with the reasons.
 *
 * Two counts bound the attempts. A *failure of the step* (the activity threw) is counted by the activity itself in its
 * heartbeat details, and becomes non-retryable after FAILURES_ALLOWED. The `maximumAttempts` below also counts killed
 * workers, which say nothing about the step; it only keeps a task that kills every worker from going on for ever.
 * Records (facts, journal) are counted by their policy alone.
 */
import { type ActivityOptions, proxyActivities, type RetryPolicy } from '@temporalio/workflow';
import type { ControlActivities } from '../src/protocol/activities.ts';
import { NON_RETRYABLE } from '../src/protocol/failures.ts';
import { taskQueueOf } from '../src/protocol/queues.ts';

const retry = {
  initialInterval: '1s',
  backoffCoefficient: 2,
  // A restarted worker is back in seconds; waiting longer only idles the machine.
  maximumInterval: '15s',
  maximumAttempts: 60,
  nonRetryableErrorTypes: [...NON_RETRYABLE],
} satisfies RetryPolicy;

type Records = Pick<ControlActivities, 'recordFacts' | 'writeJournal'>;
type Elsewhere = keyof Records | 'postWebhook';

// The control worker runs these very workflows, so it is hardly ever the one that is missing.
const scheduleToStartTimeout = '6h';

/**
 * Sub-second to minutes, on the thread that serves the API: grading and curation may hold its loop for seconds, so the
 * heartbeat timeout is longer than elsewhere.
 */
export const control = proxyActivities<Omit<ControlActivities, Elsewhere>>({
  taskQueue: taskQueueOf('control'),
  startToCloseTimeout: '30m',
  heartbeatTimeout: '20s',
  scheduleToStartTimeout,
  retry,
});

/** The work takes milliseconds. A record whose worker was killed on the way is tried again after this time at most. */
const RECORD_HEARTBEAT = '8s';

/**
 * Records of a step. Without them within seconds the step fails, so that the campaign is blocked and says why: some 15 s
 * over five attempts outlast a busy disk, not a full one.
 */
export const stepRecords = proxyActivities<Records>({
  taskQueue: taskQueueOf('control'),
  startToCloseTimeout: '5m',
  heartbeatTimeout: RECORD_HEARTBEAT,
  scheduleToStartTimeout,
  retry: { ...retry, maximumAttempts: 5 },
});

/**
 * Records of the campaign itself, above all that it is blocked, often because of the very store that these records go
 * to. They wait until a person has repaired the store, and give up only after a month, as long as a training may take.
 */
export const statusRecords = proxyActivities<Records>({
  taskQueue: taskQueueOf('control'),
  startToCloseTimeout: '5m',
  heartbeatTimeout: RECORD_HEARTBEAT,
  scheduleToCloseTimeout: '30d',
  retry: { ...retry, maximumAttempts: Number.POSITIVE_INFINITY },
});

/** The listener may be away for a while. The campaign does not wait for it. */
export const webhook = proxyActivities<Pick<ControlActivities, 'postWebhook'>>({
  taskQueue: taskQueueOf('control'),
  startToCloseTimeout: '30s',
  scheduleToStartTimeout,
  retry: { initialInterval: '2s', backoffCoefficient: 3, maximumInterval: '5m', maximumAttempts: 8 },
});

/** Waits for an evaluation that another workflow or a person started, as long as that may take. */
export const waiting = proxyActivities<Pick<ControlActivities, 'awaitEvaluation'>>({
  taskQueue: taskQueueOf('control'),
  startToCloseTimeout: '7d',
  heartbeatTimeout: '20s',
  retry,
});

/** Of sampling, sandbox and training, each on queues of its own. The campaign sets how long a task may wait for a worker. */
export const partOptions = {
  /** The engine has threads of its own, so heartbeats come on time: a dead worker is noticed in seconds. */
  sample: { startToCloseTimeout: '6h', heartbeatTimeout: '10s', retry },
  /** Bounded by the limits of each snippet times their number. */
  sandbox: { startToCloseTimeout: '2h', heartbeatTimeout: '10s', retry },
  /**
   * Hours or days. Cancellation waits until the trainer has ended (the default), so that nothing starts over a live one.
   * Training sets are written on the worker's thread, which may hold the heartbeat up for some seconds.
   */
  train: { startToCloseTimeout: '30d', heartbeatTimeout: '20s', retry },
} satisfies Record<string, ActivityOptions>;
