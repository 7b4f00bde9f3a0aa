/** Maps the errors of a step to the closed set of failure types that retry policies match and people read. */
import { CancelledFailure } from '@temporalio/common';
import { StoreError } from '../artifacts/store-error.ts';
import { ConfigError } from '../config/config-error.ts';
import type { FailureType } from '../protocol/failures.ts';

/** A step failed with one of the closed set of failure types. */
export class StepFailure extends Error {
  readonly type: FailureType;
  constructor(type: FailureType, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'StepFailure';
    this.type = type;
  }
}

/** Calls a part. Its errors get the part's failure type, except cancellations and errors that have a type. */
export async function named<T>(type: FailureType, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof CancelledFailure || failureTypeOf(error) !== 'internal' || isAbort(error)) throw error;
    throw new StepFailure(type, error instanceof Error ? error.message : String(error), error);
  }
}

/** The failure type of an error: `internal`, a bug, if the error has none. */
export function failureTypeOf(error: unknown): FailureType {
  if (error instanceof StepFailure) return error.type;
  if (error instanceof StoreError) return 'store-unavailable';
  if (error instanceof ConfigError) return 'bad-input';
  return 'internal';
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}
