/** Why the store could not do its work; `blob-missing` and `blob-damaged` mean lost bytes, the rest the file system. */
export type StoreErrorCode =
  | 'blob-missing'
  | 'blob-damaged'
  | 'manifest-damaged'
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

/** Says what a failed file operation means for the user; errors that are the store's own pass through. */
export function storeError(doing: string, error: unknown): Error {
  if (error instanceof StoreError) return error;
  const code = errorCode(error);
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new StoreError('full', `${doing}: the disk is full; free some space, then retry`, error);
    case 'EROFS':
    case 'EACCES':
    case 'EPERM':
      return new StoreError('read-only', `${doing}: no permission to write (${code}); mend it, then retry`, error);
    default:
      return new StoreError('failed', `${doing}: ${error instanceof Error ? error.message : String(error)}`, error);
  }
}

export function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
