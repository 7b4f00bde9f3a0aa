import type { ErrorCode } from './errors.ts';

/** An error response of the server. The message is for users. */
export class ClientError extends Error {
  override readonly name = 'ClientError';
  readonly code: ErrorCode | 'unreachable';

  constructor(code: ErrorCode | 'unreachable', message: string) {
    super(message);
    this.code = code;
  }
}
