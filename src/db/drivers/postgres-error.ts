/** Why a PostgreSQL server can't be used, for people: without the password, and with what to do. */
import { errorCode } from '../../formats/error-code.ts';
import { DatabaseError } from '../database-error.ts';

const EXAMPLE = 'postgres://USER:PASSWORD@HOST:5432/DATABASE';

/** By the code of Node's or PostgreSQL's error. */
const REMEDIES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'start the server, or correct host and port',
  ENOTFOUND: 'correct the host',
  EAI_AGAIN: 'correct the host, or the name server',
  ETIMEDOUT: 'correct the host, or let this machine reach it',
  '28P01': 'correct user and password',
  '28000': 'correct the user, or let it in (pg_hba.conf)',
  '3D000': 'create the database',
  '42501': 'make the user the owner of the database: it creates schema and tables',
  '53300': 'raise max_connections of the server: a control process uses up to 22',
};

/**
 * @param location `postgres:` URL, of which the message shows neither password nor parameters
 * @example postgresError('postgres://ada:secret@db/math', new Error('timeout')).message; // the database postgres://ada@db/math …
 */
export function postgresError(location: string, error: unknown): DatabaseError {
  const { message, code } = innermost(error);
  const remedy = REMEDIES[code ?? ''] ?? `compare the URL with ${EXAMPLE} (in a password # / ? @ are %23 %2F %3F %40)`;
  return new DatabaseError(
    `the database ${withoutSecrets(location)} can't be opened: ${hide(location, message)}; ${remedy}`,
  );
}

/** A URL without password and parameters. */
export function withoutSecrets(location: string): string {
  if (!isWellFormed(location)) return `${location.slice(0, location.indexOf(':') + 1)}…`;
  const { protocol, username, host, pathname } = new URL(location);
  return `${protocol}//${username === '' ? '' : `${username}@`}${host}${pathname}`;
}

/** False also where a password with `/`, `?` or `#` makes another URL of it: its rest is then read as a host or a path. */
export const isWellFormed = (location: string): boolean =>
  URL.canParse(location) && !/^[^/]+\/\/[^/?#]*[/?#].*@/s.test(location);

function hide(location: string, message: string): string {
  const password = URL.canParse(location) ? new URL(location).password : '';
  return [password, decode(password)].reduce(
    (text, secret) => (secret === '' ? text : text.replaceAll(secret, '…')),
    message,
  );
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Drizzle wraps the server's error; Node collects those of every address of a host. */
function innermost(error: unknown): { readonly message: string; readonly code: string | undefined } {
  if (error instanceof AggregateError && error.errors.length > 0) return innermost(error.errors[0]);
  if (error instanceof Error && error.cause !== undefined) return innermost(error.cause);
  return { message: error instanceof Error ? error.message : String(error), code: errorCode(error) };
}
