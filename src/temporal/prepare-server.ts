/** Checks that a Temporal server has what campaigns need, and makes what is missing where that is allowed. */
import { setTimeout as sleep } from 'node:timers/promises';
import { isGrpcServiceError } from '@temporalio/client';
import type { NativeConnection } from '@temporalio/worker';
import { ConfigError } from '../config/config-error.ts';
import { connectNative, connectOnce, describeNoConnection, type WaitOptions } from './connect.ts';
import type { TemporalServer } from './server.ts';
import { SEARCH_ATTRIBUTES } from './temporal-server.ts';

const DAY_S = 86_400;
/** What Temporal Cloud allows at most. `campaign recover` continues a campaign that the server has forgotten. */
const RETENTION_DAYS = 90;
/** A new namespace or attribute is unknown to some parts of the server for up to ten seconds. */
const LIMIT_MS = 60_000;
const RETRY_MS = 500;

/** Of gRPC. */
const INVALID_ARGUMENT = 3;
const NOT_FOUND = 5;
const ALREADY_EXISTS = 6;
const PERMISSION_DENIED = 7;
const UNIMPLEMENTED = 12;
const UNAUTHENTICATED = 16;
const REFUSED: readonly number[] = [PERMISSION_DENIED, UNIMPLEMENTED, UNAUTHENTICATED];

const codeOf = (error: unknown): number | undefined => (isGrpcServiceError(error) ? error.code : undefined);

/**
 * Waits for the server, then makes the namespace and the search attributes if they are missing.
 *
 * @throws ConfigError where the server refuses that; its message names the command for who may
 */
export async function prepareServer(server: TemporalServer, wait: WaitOptions): Promise<void> {
  const connection = await connectNative(server, wait);
  try {
    await connection.withDeadline(Date.now() + LIMIT_MS, () => makeNamespace(connection, server));
    await makeAttributes(connection, server, wait.signal);
  } finally {
    await connection.close();
  }
}

/** Waits for the server. @throws ConfigError where it refuses us */
export async function waitForServer(server: TemporalServer, wait: WaitOptions): Promise<void> {
  await (await connectNative(server, wait)).close();
}

/** Undefined where the server can be used, else what is wrong with it. Changes nothing, waits for nothing. */
export async function findTrouble(server: TemporalServer): Promise<string | undefined> {
  let connection: NativeConnection;
  try {
    connection = await connectOnce(server);
  } catch (error) {
    return error instanceof ConfigError ? error.message : describeNoConnection(server, error);
  }
  try {
    await connection.withDeadline(Date.now() + LIMIT_MS, () => useAttributes(connection, server));
    return undefined;
  } catch (error) {
    if (codeOf(error) === NOT_FOUND) return noNamespace(server);
    if (codeOf(error) === INVALID_ARGUMENT) return noAttributes(server);
    return `the Temporal server at ${server.address}, namespace ${server.namespace}: ${describe(error)}`;
  } finally {
    await connection.close();
  }
}

async function makeNamespace({ workflowService }: NativeConnection, server: TemporalServer): Promise<void> {
  const { namespace } = server;
  try {
    await workflowService.describeNamespace({ namespace });
    return;
  } catch (error) {
    if (codeOf(error) !== NOT_FOUND) throw refusal(server, error) ?? error;
  }
  try {
    const seconds = (RETENTION_DAYS * DAY_S) as never;
    await workflowService.registerNamespace({ namespace, workflowExecutionRetentionPeriod: { seconds } });
  } catch (error) {
    if (codeOf(error) === ALREADY_EXISTS) return;
    if (REFUSED.includes(codeOf(error) ?? 0)) throw new ConfigError(noNamespace(server));
    throw error;
  }
}

/** The attributes are checked by their use, which every account may do, also where it may not list them. */
async function makeAttributes(
  connection: NativeConnection,
  server: TemporalServer,
  signal: AbortSignal | undefined,
): Promise<void> {
  const deadlineMs = Date.now() + LIMIT_MS;
  for (;;) {
    try {
      await connection.withDeadline(deadlineMs, () => useAttributes(connection, server));
      return;
    } catch (error) {
      const code = codeOf(error);
      const isNew = code === NOT_FOUND || code === INVALID_ARGUMENT;
      if (!isNew || Date.now() > deadlineMs) throw refusal(server, error) ?? error;
      if (code === INVALID_ARGUMENT) await addAttributes(connection, server);
      await sleep(RETRY_MS, undefined, { signal });
    }
  }
}

async function useAttributes({ workflowService }: NativeConnection, { namespace }: TemporalServer): Promise<void> {
  const query = Object.entries(SEARCH_ATTRIBUTES)
    .map(([name, type]) => `${name} = ${type === 'Int' ? '0' : "'none'"}`)
    .join(' and ');
  await workflowService.listWorkflowExecutions({ namespace, pageSize: 1, query });
}

/** Values of Temporal's enum `IndexedValueType`. */
const ATTRIBUTE_TYPES = { Keyword: 2, Int: 3 } as const;

async function addAttributes({ operatorService }: NativeConnection, server: TemporalServer): Promise<void> {
  const searchAttributes = Object.fromEntries(
    Object.entries(SEARCH_ATTRIBUTES).map(([name, type]) => [name, ATTRIBUTE_TYPES[type]]),
  );
  try {
    await operatorService.addSearchAttributes({ namespace: server.namespace, searchAttributes });
  } catch (error) {
    if (REFUSED.includes(codeOf(error) ?? 0)) throw new ConfigError(noAttributes(server));
    if (codeOf(error) !== ALREADY_EXISTS && codeOf(error) !== NOT_FOUND) throw error;
  }
}

const describe = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const refusal = ({ address, namespace }: TemporalServer, error: unknown): ConfigError | undefined =>
  REFUSED.includes(codeOf(error) ?? 0)
    ? new ConfigError(
        `the Temporal server at ${address} refuses the namespace ${namespace} (${describe(error)}); ` +
          'look at TEMPORAL_NAMESPACE, and at what TEMPORAL_API_KEY or the client certificate may do',
      )
    : undefined;

const noNamespace = ({ address, namespace }: TemporalServer): string =>
  `the Temporal server at ${address} has no namespace ${namespace}, and this account may not make it or was not asked to; ` +
  `who may runs \`temporal operator namespace create --namespace ${namespace} --retention ${RETENTION_DAYS}d\`, ` +
  "or makes it in Temporal Cloud's pages and names it by TEMPORAL_NAMESPACE";

function noAttributes({ namespace }: TemporalServer): string {
  const entries = Object.entries(SEARCH_ATTRIBUTES);
  const own = entries.map(([name, type]) => `--name ${name} --type ${type}`).join(' ');
  const cloud = entries.map(([name, type]) => `--search-attribute "${name}=${type}"`).join(' ');
  return (
    `the namespace ${namespace} lacks search attributes, and this account may not add them or was not asked to; ` +
    `who may runs \`temporal operator search-attribute create --namespace ${namespace} ${own}\`, ` +
    `or for Temporal Cloud \`tcld namespace search-attributes add --namespace ${namespace} ${cloud}\``
  );
}
