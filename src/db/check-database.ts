/** What `whencode doctor` says of the database. */
import { describeDatabase } from './database.ts';
import { DatabaseError } from './database-error.ts';

export async function checkDatabase(
  location: string,
): Promise<{ readonly status: 'ok' | 'fail'; readonly detail: string }> {
  try {
    return { status: 'ok', detail: await describeDatabase(location) };
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error;
    return { status: 'fail', detail: error.message };
  }
}
