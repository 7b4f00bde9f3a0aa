/** From what went wrong to the closed set of failure types that policies and people go by. */
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { StoreError } from '../../src/artifacts/store-error.ts';
import { ConfigError } from '../../src/config/load.ts';
import { type FailureType, NON_RETRYABLE } from '../../src/protocol/failures.ts';

/** A step can't be done, for a reason that has a name. */
export class StepFailure extends Error {
  readonly type: FailureType;
  constructor(type: FailureType, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'StepFailure';
    this.type = type;
  }
}

/** Calls a part; what it throws (but cancellation and failures with a name) gets the part's failure type. */
export async function named<T>(type: FailureType, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof CancelledFailure || typeOf(error) !== 'internal' || isAbort(error)) throw error;
    throw new StepFailure(type, error instanceof Error ? error.message : String(error), error);
  }
}

// Temporal keeps a failure in the history and in memory: a trainer's whole traceback does not belong there.
const MESSAGE_LIMIT = 2000;

/** What the activity throws. `isLast` = the step has used up the failures that it is allowed. */
export function toFailure(error: unknown, isLast: boolean): Error {
  if (error instanceof CancelledFailure || error instanceof ApplicationFailure) return error;
  const type = typeOf(error);
  const text =
    error instanceof Error ? (type === 'internal' ? (error.stack ?? error.message) : error.message) : `${error}`;
  return ApplicationFailure.create({
    type,
    message: text.length > MESSAGE_LIMIT ? `${text.slice(0, MESSAGE_LIMIT)} …` : text,
    nonRetryable: isLast || NON_RETRYABLE.includes(type),
    // Kills also count towards the attempts by which the delay grows; there is nothing that waiting would mend.
    ...(type === 'no-worker' ? { nextRetryDelay: '1s' } : {}),
  });
}

function typeOf(error: unknown): FailureType {
  if (error instanceof StepFailure) return error.type;
  if (error instanceof StoreError) return 'store-unavailable';
  if (error instanceof ConfigError) return 'bad-input';
  return 'internal';
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}
