/**
 * The mark of a payload that the codec could not decrypt: it is not encrypted, or with another key, or damaged. The codec
 * runs outside of workflows and activities, where an exception is retried for ever. So it hands on this mark, and what
 * receives it refuses it.
 */
import { ApplicationFailure } from '@temporalio/common';

const MARK = 'whencode:refused';

/** A JSON value that says why the payload is refused. */
export const refusedPayload = (reason: string): Readonly<Record<string, string>> => ({ [MARK]: reason });

/** The reason why a decoded payload is refused; undefined for any other value. */
export function refusalOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, MARK)) return undefined;
  return String((value as Readonly<Record<string, unknown>>)[MARK]);
}

export const refused = (what: string, reason: string): ApplicationFailure =>
  ApplicationFailure.nonRetryable(`${what} is refused: ${reason}`, 'foreign-payload');

/**
 * The value.
 * @throws ApplicationFailure `foreign-payload` if it is refused
 */
export function requireOwn<Value>(what: string, value: Value): Value {
  const reason = refusalOf(value);
  if (reason !== undefined) throw refused(what, reason);
  return value;
}
