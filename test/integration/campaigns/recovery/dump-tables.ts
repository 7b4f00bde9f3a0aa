import { sql } from 'drizzle-orm';
import type { Database } from '../../../../src/db/database.ts';
import { canonicalJson } from '../../../../src/formats/canonical-json.ts';

/** Every row of every table, as text, in an order of its own: equal databases have equal dumps. */
export async function dumpTables(db: Database): Promise<Record<string, string[]>> {
  const tables = await db.orm
    .select({ name: sql<string>`tablename` })
    .from(sql`pg_tables`)
    .where(sql`schemaname = 'public'`)
    .orderBy(sql`tablename`);
  const dump: Record<string, string[]> = {};
  for (const { name } of tables) {
    const rows = await db.orm.select({ row: sql<unknown>`to_jsonb(t)` }).from(sql`${sql.identifier(name)} t`);
    dump[name] = rows.map(({ row }) => canonicalJson(row)).sort();
  }
  return dump;
}
