import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { NON_RETRYABLE } from '../src/protocol/failures.ts';
import { failureTypeOf } from '../src/steps/step-failure.ts';

// Temporal keeps failures in the history and in memory, so a trainer's whole traceback must not go there.
const MESSAGE_LIMIT = 2000;

/** The error that the activity throws. `isLast`: the step has used up its allowed failures. */
export function toFailure(error: unknown, isLast: boolean): Error {
  if (error instanceof CancelledFailure || error instanceof ApplicationFailure) return error;
  const type = failureTypeOf(error);
  const text =
    error instanceof Error ? (type === 'internal' ? (error.stack ?? error.message) : error.message) : `${error}`;
  return ApplicationFailure.create({
    type,
    message: text.length > MESSAGE_LIMIT ? `${text.slice(0, MESSAGE_LIMIT)} …` : text,
    nonRetryable: isLast || NON_RETRYABLE.includes(type),
    // Kills increase the attempt count and thus the retry delay, and a longer delay repairs nothing.
    ...(type === 'no-worker' ? { nextRetryDelay: '1s' } : {}),
  });
}
