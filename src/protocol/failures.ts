/**
 * The closed set of failure types of a step. Activities throw them as the `type` of an ApplicationFailure, retry policies
 * match on them, and people read them on a blocked campaign.
 */
import { ActivityFailure, ApplicationFailure, ChildWorkflowFailure, TimeoutFailure } from '@temporalio/common';

export const FAILURE_TYPES = [
  /** The request can't work: its configuration, problems, checkpoint or payload. Never retried. */
  'bad-input',
  /** The artifact store can't be read or written: full, read-only, a blob missing or damaged. */
  'store-unavailable',
  'sampler-failed',
  /** The container engine or its containers; never the model's code, whose failures are results. */
  'sandbox-unavailable',
  /** The trainer measured importance ratios that are not 1: wrong checkpoint, template or temperature. Never retried. */
  'trainer-refused',
  'trainer-failed',
  /** Sandbox or grader lost more rollouts than the campaign allows. Never retried: a person decides. */
  'over-budget',
  /** A part was unavailable, or made no progress, for longer than allowed. Never retried: the wait was the retry. */
  'part-away',
  /** Counts don't match the plan. Never retried: it is a bug, and continuing would train on incomplete data. */
  'incomplete',
  /** The payload is not encrypted with this installation's key, so a process outside of it sent it. Never retried. */
  'foreign-payload',
  /** No worker took the task, or every one that did died. */
  'no-worker',
  /** A bug. */
  'internal',
] as const;

export type FailureType = (typeof FAILURE_TYPES)[number];

/** Types that are never retried: the same attempt would fail the same way. */
export const NON_RETRYABLE: readonly FailureType[] = [
  'bad-input',
  'trainer-refused',
  'over-budget',
  'part-away',
  'incomplete',
  'foreign-payload',
];

export interface FailureView {
  readonly type: FailureType;
  readonly message: string;
  /** For `over-budget`: the number of lost rollouts, by arm and cause. */
  readonly lost?: Readonly<Record<string, number>>;
}

function isFailureType(text: string | null | undefined): text is FailureType {
  return (FAILURE_TYPES as readonly string[]).includes(text ?? '');
}

/** The message of a failed activity or child workflow, from its innermost cause. */
export function describeFailure(error: unknown): FailureView {
  if (error instanceof ActivityFailure || error instanceof ChildWorkflowFailure) {
    const where = error instanceof ActivityFailure ? error.activityType : error.workflowType;
    if (error.cause === undefined) return { type: 'internal', message: `${where} failed without a cause` };
    if (error.cause instanceof TimeoutFailure) return describeTimeout(where, error.cause);
    return describeFailure(error.cause);
  }
  if (error instanceof ApplicationFailure) {
    const type = isFailureType(error.type) ? error.type : 'internal';
    const lost = type === 'over-budget' ? (error.details?.[0] as FailureView['lost']) : undefined;
    return { type, message: error.message, ...(lost === undefined ? {} : { lost }) };
  }
  return { type: 'internal', message: error instanceof Error ? error.message : String(error) };
}

function describeTimeout(activity: string, timeout: TimeoutFailure): FailureView {
  switch (timeout.timeoutType) {
    case 'HEARTBEAT':
      return {
        type: 'no-worker',
        message: `${activity}: every worker that took it died or hung; see the worker's log`,
      };
    case 'SCHEDULE_TO_START':
      return { type: 'no-worker', message: `${activity}: no worker took it; is the worker for its queue running?` };
    default:
      return { type: 'internal', message: `${activity} took longer than it may (${timeout.timeoutType})` };
  }
}
