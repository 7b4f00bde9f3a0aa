/** Exit codes: 0 done, 1 failed, 2 wrong use. Messages of expected failures are all that a user sees of them. */
import { CommanderError } from 'commander';
import { ClientError } from '../api/client-error.ts';
import { StoreError } from '../artifacts/store-error.ts';
import { MachineError } from '../checks/machine-error.ts';
import { ConfigError } from '../config/config-error.ts';
import { DatabaseError } from '../db/database-error.ts';
import { HomeNotPrivate } from '../process/private-home.ts';

/** The command was called in a way that can't work; the message says how it can. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The command did what it could and the answer is a failure; nothing more to explain than the message. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';
}

/** Failures that their message explains. */
const EXPECTED = [CommandFailure, MachineError, StoreError, DatabaseError, HomeNotPrivate];

/** What to print and with which code to end. */
export function exitOf(error: unknown): { readonly code: 0 | 1 | 2; readonly message?: string } {
  // Commander has printed its own message by now.
  if (error instanceof CommanderError) return { code: error.exitCode === 0 ? 0 : 2 };
  if (error instanceof UsageError || error instanceof ConfigError) return { code: 2, message: error.message };
  if (error instanceof ClientError) return { code: error.code === 'bad-request' ? 2 : 1, message: error.message };
  if (EXPECTED.some((kind) => error instanceof kind)) return { code: 1, message: (error as Error).message };
  return { code: 1, message: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}
