/** Maps errors to responses. No other file maps an error to an HTTP status. */
import { HTTPException } from 'hono/http-exception';
import { StoreError } from '../artifacts/store-error.ts';
import { UseCaseError, type UseCaseErrorCode } from '../campaigns/use-case-error.ts';
import { MachineError } from '../checks/machine-error.ts';
import { ConfigError } from '../config/config-error.ts';

type AccessErrorCode = 'unauthorized' | 'forbidden';
export type ErrorCode = UseCaseErrorCode | AccessErrorCode | 'too-large' | 'internal';

/** Body of every error response. */
export interface ErrorBody {
  readonly error: { readonly code: ErrorCode; readonly message: string };
}

export const STATUS_OF_CODE = {
  'bad-request': 400,
  unauthorized: 401,
  forbidden: 403,
  'not-found': 404,
  conflict: 409,
  'too-large': 413,
  internal: 500,
  unavailable: 503,
} as const satisfies Record<ErrorCode, number>;

export const ERROR_CODES = Object.keys(STATUS_OF_CODE) as readonly ErrorCode[];

/** The caller may not do this. */
export class AccessError extends Error {
  override readonly name = 'AccessError';
  readonly code: AccessErrorCode;

  constructor(code: AccessErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** Undefined for an unexpected error. */
export function expectedError(error: Error): ErrorBody['error'] | undefined {
  const { message } = error;
  if (error instanceof UseCaseError || error instanceof AccessError) return { code: error.code, message };
  if (error instanceof ConfigError) return { code: 'bad-request', message };
  if (error instanceof MachineError || error instanceof StoreError) return { code: 'unavailable', message };
  if (error instanceof HTTPException && error.status === 413)
    return { code: 'too-large', message: 'the body is too large; at most 1 MiB is read' };
  return undefined;
}
