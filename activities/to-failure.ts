import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { NON_RETRYABLE } from '../src/protocol/failures.ts';
import { failureTypeOf } from '../src/steps/step-failure.ts';

// Temporal keeps a failure in the history and in memory: a trainer's whole traceback does not belong there.
const MESSAGE_LIMIT = 2000;

/** What the activity throws. `isLast` = the step has used up the failures that it is allowed. */
export function toFailure(error: unknown, isLast: boolean): Error {
  if (error instanceof CancelledFailure || error instanceof ApplicationFailure) return error;
  const type = failureTypeOf(error);
  const text =
    error instanceof Error ? (type === 'internal' ? (error.stack ?? error.message) : error.message) : `${error}`;
  return ApplicationFailure.create({
    type,
    message: text.length > MESSAGE_LIMIT ? `${text.slice(0, MESSAGE_LIMIT)} …` : text,
    nonRetryable: isLast || NON_RETRYABLE.includes(type),
    // Kills also count towards the attempts by which the delay grows, and a longer wait repairs nothing.
    ...(type === 'no-worker' ? { nextRetryDelay: '1s' } : {}),
  });
}
