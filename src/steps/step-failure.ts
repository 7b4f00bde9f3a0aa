/** From what went wrong in a step to the closed set of failure types that policies and people go by. */
import { CancelledFailure } from '@temporalio/common';
import { StoreError } from '../artifacts/store-error.ts';
import { ConfigError } from '../config/config-error.ts';
import type { FailureType } from '../protocol/failures.ts';

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
    if (error instanceof CancelledFailure || failureTypeOf(error) !== 'internal' || isAbort(error)) throw error;
    throw new StepFailure(type, error instanceof Error ? error.message : String(error), error);
  }
}

/** `internal`, a bug, for an error that has no type. */
export function failureTypeOf(error: unknown): FailureType {
  if (error instanceof StepFailure) return error.type;
  if (error instanceof StoreError) return 'store-unavailable';
  if (error instanceof ConfigError) return 'bad-input';
  return 'internal';
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}
