/** The one error that use cases throw for expected failures; every other error is a bug or an outage. */
import type { z } from 'zod';
import { describeIssue } from '../formats/describe-issue.ts';

export type UseCaseErrorCode = 'not-found' | 'bad-request' | 'conflict' | 'unavailable';

/** The message is fit for users: what was wrong, what is allowed, what to do. */
export class UseCaseError extends Error {
  override readonly name = 'UseCaseError';
  readonly code: UseCaseErrorCode;

  constructor(code: UseCaseErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/**
 * Parses the input of a use case. One message names every problem with its path.
 *
 * @param what - How the message calls the input, e.g. `the request`
 * @throws UseCaseError `bad-request`
 */
export function parseAsked<T extends z.ZodType>(schema: T, value: unknown, what: string): z.output<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const mistakes = result.error.issues.map((issue) =>
    [issue.path.map(String).join('.'), describeIssue(issue)].filter((part) => part !== '').join(': '),
  );
  throw new UseCaseError('bad-request', `${what} is not valid: ${mistakes.join('; ')}`);
}
