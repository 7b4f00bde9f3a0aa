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

/** The installation's token; the first call creates it. */
export async function readOrCreateToken(home: string): Promise<string> {
  await mkdir(home, { recursive: true });
  const path = tokenPath(home);
  try {
    await writeFile(path, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    await chmod(path, 0o600);
  }
  const token = (await readFile(path, 'utf8')).trim();
  if (token.length < 32)
    throw new Error(`${path} holds no token; delete the file, and a new one is made at the next start`);
  return token;
}

export async function writeControlAddress(home: string, address: ControlAddress): Promise<void> {
  await replaceFile(addressPath(home), JSON.stringify(address), 0o600);
}

export const removeControlAddress = (home: string): Promise<void> => rm(addressPath(home), { force: true });

/** Address and token for a client; undefined where no control process has been started. */
export async function readControlAccess(
  home: string,
): Promise<{ readonly url: string; readonly token: string } | undefined> {
  try {
    const { url } = JSON.parse(await readFile(addressPath(home), 'utf8')) as ControlAddress;
    return { url, token: (await readFile(tokenPath(home), 'utf8')).trim() };
  } catch {
    return undefined;
  }
}
