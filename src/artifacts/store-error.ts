import { errorCode } from '../formats/error-code.ts';

/** Why a store operation failed. `blob-…` and `step-missing` mean lost data; the other kinds are file system errors. */
export type StoreErrorCode =
  | 'blob-missing'
  | 'blob-damaged'
  | 'manifest-damaged'
  | 'step-missing'
  | 'full'
  | 'read-only'
  | 'newer-format'
  | 'failed';

export class StoreError extends Error {
  readonly code: StoreErrorCode;
  constructor(code: StoreErrorCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'StoreError';
    this.code = code;
  }
}

/** Converts an error into a `StoreError` whose message names the remedy. A `StoreError` is returned unchanged. */
function storeError(doing: string, error: unknown): Error {
  if (error instanceof StoreError) return error;
  const code = errorCode(error);
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new StoreError('full', `${doing}: the disk is full; free some space, then retry`, error);
    case 'EROFS':
    case 'EACCES':
    case 'EPERM':
      return new StoreError(
        'read-only',
        `${doing}: no permission to write (${code}); correct the permissions, then retry`,
        error,
      );
    default:
      return new StoreError('failed', `${doing}: ${error instanceof Error ? error.message : String(error)}`, error);
  }
}

/** Runs the work and converts its error into a `StoreError`. The message begins with `doing`. */
export async function guard<T>(doing: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw storeError(doing, error);
  }
}
