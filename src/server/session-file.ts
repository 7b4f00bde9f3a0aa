/**
 * Browser sessions that outlive the process of the server. They are valid as long as one supervisor holds the port of
 * the pages: it begins with `endSessions`, so a cookie that another program caught on a free port is worth nothing.
 */
import { randomBytes } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { replaceFile } from '../formats/durable-file.ts';

const sessionSchema = z.object({
  /** Digest of the token when the session began: it ends with the token. */
  tokenDigest: z.string(),
  beganMs: z.number(),
  usedMs: z.number(),
});
const fileSchema = z.object({
  pageName: z.string().regex(/^whencode-[0-9a-f]{24}\.localhost$/),
  sessions: z.array(z.tuple([z.string(), sessionSchema])),
});

export type Session = z.infer<typeof sessionSchema>;

/** Where sessions are kept. */
export interface SessionStore {
  /**
   * Host name of the pages, a secret. Browsers resolve every name below `localhost` to loopback. Cookies know no ports:
   * under a name that only this server and its readers know, they reach no other program of this machine.
   */
  readonly pageName: string;
  /** By digest of the cookie. */
  readonly sessions: Map<string, Session>;
  /** Call it after each change. */
  save(): Promise<void>;
}

const pathIn = (home: string): string => join(home, 'sessions.json');

const newPageName = (): string => `whencode-${randomBytes(12).toString('hex')}.localhost`;

/** Sessions that end with the process. */
export const sessionsInMemory = (): SessionStore => ({
  pageName: newPageName(),
  sessions: new Map(),
  save: async () => undefined,
});

/** The sessions of `<home>/sessions.json`, a file of mode 0600 without cookies; a missing or damaged one is replaced. */
export async function openSessionFile(home: string): Promise<SessionStore> {
  const path = pathIn(home);
  const known = await readFile(path, 'utf8').then(
    (text) => fileSchema.safeParse(parseOrUndefined(text)).data,
    () => undefined,
  );
  const pageName = known?.pageName ?? newPageName();
  const sessions = new Map(known?.sessions ?? []);
  let saving: Promise<void> = Promise.resolve();
  const save = (): Promise<void> => {
    const write = () => replaceFile(path, JSON.stringify({ pageName, sessions: [...sessions] }), 0o600);
    saving = saving.then(write, write);
    return saving;
  };
  await save();
  return { pageName, sessions, save };
}

/** Ends all sessions of the home folder. No server may run on it. */
export const endSessions = (home: string): Promise<void> => rm(pathIn(home), { force: true });

function parseOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
