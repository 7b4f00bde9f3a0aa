/** The database can't be used as it is named; the message explains it, and shows no password. */
export class DatabaseError extends Error {
  override readonly name = 'DatabaseError';
}
