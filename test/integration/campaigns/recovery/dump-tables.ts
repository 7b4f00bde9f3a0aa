import { sql } from 'drizzle-orm';
import type { Database } from '../../../../src/db/database.ts';
import { canonicalJson } from '../../../../src/formats/canonical-json.ts';

/** Every row of every table, as text, in an order of its own: equal databases have equal dumps. */
export async function dumpTables(db: Database): Promise<Record<string, string[]>> {
  const { rows } = await db.orm.execute<{ tablename: string }>(
    sql`select tablename from pg_tables where schemaname = 'public' order by tablename`,
  );
  const dump: Record<string, string[]> = {};
  for (const { tablename } of rows) {
    const found = await db.orm.execute<{ row: unknown }>(
      sql`select to_jsonb(t) as row from ${sql.identifier(tablename)} t`,
    );
    dump[tablename] = found.rows.map(({ row }) => canonicalJson(row)).sort();
  }
  return dump;
}
