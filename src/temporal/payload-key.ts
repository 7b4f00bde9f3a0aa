/** The key that encrypts what goes through Temporal. Processes that work together have the same key. */
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError } from '../config/config-error.ts';
import type { Environment } from '../config/environment.ts';
import { errorCode } from '../formats/error-code.ts';
import { PAYLOAD_KEY } from '../process/private-home.ts';

export interface PayloadKey {
  /** 32 bytes. */
  readonly secret: Buffer;
  /** Public name of the key: 12 hexadecimal digits that do not reveal it. */
  readonly id: string;
}

type KeyPlace = Pick<Environment, 'home' | 'payloadKeyFile'>;

const KEY_BYTES = 32;
const keyPath = (home: string): string => join(home, PAYLOAD_KEY);

/** @param secret 32 bytes */
export function payloadKey(secret: Buffer): PayloadKey {
  return { secret, id: createHash('sha256').update('whencode payload key').update(secret).digest('hex').slice(0, 12) };
}

/**
 * Reads the key file of `WHENCODE_PAYLOAD_KEY_FILE`, else that of the home folder: 64 hexadecimal digits.
 *
 * @throws ConfigError for a file that is missing, holds no key, or can be read by other users
 * @example const key = await readPayloadKey(readEnvironment());
 */
export async function readPayloadKey({ home, payloadKeyFile }: KeyPlace): Promise<PayloadKey> {
  const path = payloadKeyFile ?? keyPath(home);
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new ConfigError(
      `the payload key ${path} can't be read (${errorCode(error)}); \`whencode up\` makes it at its first start, and a worker on another machine needs a copy, in its home folder or named by WHENCODE_PAYLOAD_KEY_FILE`,
    );
  });
  // A file that a cluster mounts has the owner and the mode of the cluster.
  if (payloadKeyFile === undefined && ((await stat(path)).mode & 0o077) !== 0)
    throw new ConfigError(
      `the payload key ${path} can be read by other users; run \`chmod 600 ${path}\`, or delete it if one of them may have read it: the next start makes another, and running campaigns are continued with \`whencode campaign recover\``,
    );
  if (!/^[0-9a-f]{64}\s*$/i.test(text))
    throw new ConfigError(
      `the payload key ${path} is no key: allowed are ${2 * KEY_BYTES} hexadecimal digits, as \`openssl rand -hex ${KEY_BYTES}\` prints them`,
    );
  return payloadKey(Buffer.from(text.trim(), 'hex'));
}

/** Reads the key. If none is given and the home folder has none, makes one there first. */
export async function ensurePayloadKey(place: KeyPlace): Promise<PayloadKey> {
  if (place.payloadKeyFile === undefined) await createKey(place.home);
  return readPayloadKey(place);
}

/** The file appears whole: of two processes that start at once, the second takes the first one's key. */
async function createKey(home: string): Promise<void> {
  const path = keyPath(home);
  const own = `${path}.${randomUUID()}`;
  await mkdir(home, { recursive: true });
  try {
    await writeFile(own, `${randomBytes(KEY_BYTES).toString('hex')}\n`, { mode: 0o600, flush: true });
    await link(own, path);
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
  } finally {
    await rm(own, { force: true });
  }
}
