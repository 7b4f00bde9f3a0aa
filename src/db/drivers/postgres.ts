/** A PostgreSQL server, which several control processes may share. What one of them changes the others hear by NOTIFY. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import { migrate } from 'drizzle-orm/node-postgres/migrator';
import { Client, type ClientConfig, Pool } from 'pg';
import { z } from 'zod';
import { lockFacts, MIGRATION_LOCK, READ_COMMITTED } from '../locks.ts';
import * as tables from '../schema.ts';
import { type ChangeListener, type DatabaseDriver, MIGRATIONS, type OpenedDatabase } from './driver.ts';
import { isWellFormed, postgresError, withoutSecrets } from './postgres-error.ts';

export const postgresDriver: DatabaseDriver = { open: openPostgres, describe: describePostgres };

const CHANNEL = 'whencode_changes';
/** PostgreSQL refuses a notification of 8,000 bytes. */
const NOTIFICATION_BYTES = 7000;
const CONNECTIONS = 20;
const CONNECT_LIMIT_MS = 10_000;
const LONGEST_PAUSE_MS = 30_000;

const notificationSchema = z.object({
  /** Id of the process that sent it. */
  from: z.string(),
  campaignIds: z.array(z.string()),
});
type Notification = z.infer<typeof notificationSchema>;

async function openPostgres(location: string, onChange: ChangeListener): Promise<OpenedDatabase> {
  const config = clientConfig(location);
  const pool = new Pool({ ...config, max: CONNECTIONS });
  // An idle connection that the server closes is replaced by the next query.
  pool.on('error', () => undefined);
  // One that is closed within a transaction fails the transaction's next query; without a listener it would end the process.
  pool.on('connect', (client) => void client.on('error', () => undefined));
  const orm = drizzle({ client: pool });
  const self = randomUUID();
  const hear = (payload: string): void => {
    const heard = readNotification(payload);
    if (heard !== undefined && heard.from !== self) onChange(new Set(heard.campaignIds));
  };
  const announceAll = async (): Promise<void> => {
    const rows = await orm.select({ id: tables.campaigns.id }).from(tables.campaigns);
    onChange(new Set(rows.map(({ id }) => id)));
  };
  try {
    await applyMigrations(pool);
    const stopListening = await listen(config, hear, () => void announceAll().catch(() => undefined));
    return {
      orm,
      isIncomplete: false,
      startOver: (fill) =>
        orm.transaction(async (transaction) => {
          await lockFacts(transaction);
          for (const table of Object.values(tables)) await transaction.delete(table);
          return fill(transaction);
        }, READ_COMMITTED),
      async tellOthers(transaction, campaignIds) {
        for (const ids of inNotifications(campaignIds)) {
          const payload = JSON.stringify({ from: self, campaignIds: ids } satisfies Notification);
          await transaction.execute(sql`select pg_notify(${CHANNEL}, ${payload})`);
        }
      },
      async close() {
        await stopListening();
        await pool.end();
      },
    };
  } catch (error) {
    await pool.end();
    throw postgresError(location, error);
  }
}

async function describePostgres(location: string): Promise<string> {
  const client = new Client(clientConfig(location));
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ server_version: string }>('show server_version');
    return `PostgreSQL ${rows[0]?.server_version}, ${withoutSecrets(location)}`;
  } catch (error) {
    throw postgresError(location, error);
  } finally {
    await client.end();
  }
}

function clientConfig(location: string): ClientConfig {
  // The parser of `pg` would repeat the URL, and with it the password.
  if (!isWellFormed(location)) throw postgresError(location, new Error('it is not a URL'));
  return {
    connectionString: location,
    application_name: 'whencode',
    connectionTimeoutMillis: CONNECT_LIMIT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
  };
}

/** Of several processes that open a new database at once, one applies the migrations and the others wait. */
async function applyMigrations(pool: Pool): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await migrate(drizzle({ client }), { migrationsFolder: MIGRATIONS });
  } finally {
    // Closes the connection, and with it the lock.
    client.release(true);
  }
}

/**
 * Listens on a connection of its own, and connects again when it is lost. `onGap` is called after that, because
 * notifications may have been missed. Returns the function that ends it.
 */
async function listen(
  config: ClientConfig,
  onNotification: (payload: string) => void,
  onGap: () => void,
): Promise<() => Promise<void>> {
  let isClosed = false;
  const connect = async (): Promise<Client> => {
    const client = new Client(config);
    client.on('error', () => undefined);
    client.on('notification', ({ payload = '' }) => onNotification(payload));
    await client.connect();
    await client.query(`listen ${CHANNEL}`);
    client.once('end', () => void reconnect());
    return client;
  };
  const reconnect = async (): Promise<void> => {
    for (let pauseMs = 500; !isClosed; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
      try {
        current = await connect();
        if (isClosed) await current.end();
        else onGap();
        return;
      } catch {
        await sleep(pauseMs, undefined, { ref: false });
      }
    }
  };
  let current = await connect();
  return async () => {
    isClosed = true;
    await current.end();
  };
}

/** Undefined for what another program sent: any user of the database may. */
function readNotification(payload: string): Notification | undefined {
  try {
    return notificationSchema.safeParse(JSON.parse(payload)).data;
  } catch {
    return undefined;
  }
}

/** Groups of ids that fit into a notification each. A longer id than that names no campaign. */
function inNotifications(campaignIds: ReadonlySet<string>): string[][] {
  const groups: string[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const id of campaignIds) {
    const length = Buffer.byteLength(JSON.stringify(id)) + 1;
    if (length > NOTIFICATION_BYTES) continue;
    bytes += length;
    if (bytes > NOTIFICATION_BYTES) {
      groups.push([]);
      bytes = length;
    }
    groups.at(-1)?.push(id);
  }
  return groups;
}
