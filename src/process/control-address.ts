/** Address and token of a home folder's control process: two files that only their owner can read. */
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFile } from '../formats/durable-file.ts';

/** `<home>/control.json`; it exists while the control process runs. */
export interface ControlAddress {
  /** e.g. `http://127.0.0.1:7420` */
  readonly url: string;
  readonly pid: number;
}

const addressPath = (home: string): string => join(home, 'control.json');
const tokenPath = (home: string): string => join(home, 'token');

const newToken = (): string => `${randomBytes(32).toString('hex')}\n`;
const LEAST_DIGITS = 32;

/** The installation's token; the first call creates it. */
export async function readOrCreateToken(home: string): Promise<string> {
  await mkdir(home, { recursive: true });
  const path = tokenPath(home);
  try {
    await writeFile(path, newToken(), { mode: 0o600, flag: 'wx', flush: true });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    await chmod(path, 0o600);
  }
  const token = await readToken(home);
  if (token === undefined) throw new Error(`${path} holds no token; \`whencode token rotate\` makes one`);
  return token;
}

/** The installation's token; undefined where there is none. */
export async function readToken(home: string): Promise<string | undefined> {
  const token = (await readFile(tokenPath(home), 'utf8').catch(() => '')).trim();
  return token.length < LEAST_DIGITS ? undefined : token;
}

/** Replaces the token. It ends every browser session, and programs that have read the old one must read it again. */
export const rotateToken = (home: string): Promise<void> => replaceFile(tokenPath(home), newToken(), 0o600);

export async function writeControlAddress(home: string, address: ControlAddress): Promise<void> {
  await replaceFile(addressPath(home), JSON.stringify(address), 0o600);
}

export const removeControlAddress = (home: string): Promise<void> => rm(addressPath(home), { force: true });

/** Where the control process listens; undefined where none has been started. */
export async function readControlAddress(home: string): Promise<ControlAddress | undefined> {
  try {
    return JSON.parse(await readFile(addressPath(home), 'utf8')) as ControlAddress;
  } catch {
    return undefined;
  }
}
