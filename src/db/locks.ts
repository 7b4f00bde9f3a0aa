/** Locks between the processes on one database. Of an embedded one they are free. */
import { sql } from 'drizzle-orm';
import type { Orm } from './drivers/driver.ts';

/** Numbers of advisory locks, which no other program of the database may use. */
const FACTS = 74_201;
export const MIGRATION_LOCK = 74_202;

/** Whoever waited for a lock has to see what its holder has committed, whatever a server's default is. */
export const READ_COMMITTED = { isolationLevel: 'read committed' } as const;

/**
 * Lets writers of facts in one after the other, until the end of the transaction. A row is folded from all facts of its
 * subject, so two writers that don't see each other's facts would each store a row without the other's.
 */
export async function lockFacts(transaction: Orm): Promise<void> {
  await transaction.execute(sql`select pg_advisory_xact_lock(${FACTS})`);
}
