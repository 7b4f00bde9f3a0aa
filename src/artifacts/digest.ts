import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { canonicalJson } from '../formats/canonical-json.ts';
import type { Digest, StepInputs } from './types.ts';

const DIGEST = /^sha256:[0-9a-f]{64}$/;

export function digestOfBytes(bytes: Uint8Array | string): Digest {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** Digest of the value's canonical JSON, so that equal values have equal digests. */
export function digestOfJson(value: unknown): Digest {
  return digestOfBytes(canonicalJson(value));
}

/** Digest of a file without holding it in memory. */
export function digestOfFile(path: string): Promise<Digest> {
  return digestOfStream(createReadStream(path));
}

export async function digestOfStream(stream: AsyncIterable<Buffer>): Promise<Digest> {
  const hash = createHash('sha256');
  for await (const chunk of stream) hash.update(chunk);
  return `sha256:${hash.digest('hex')}`;
}

/** The key of a step. Equal inputs give an equal key on every machine. */
export function stepKey(step: StepInputs): Digest {
  return digestOfJson(step);
}

export function isDigest(text: string): text is Digest {
  return DIGEST.test(text);
}

/** @throws Error for text that is not a digest; the message shows the format */
function parseDigest(text: string): Digest {
  if (isDigest(text)) return text;
  throw new Error(`"${text}" is not a digest; allowed is sha256: and 64 hexadecimal digits`);
}

/** The 64 hexadecimal digits. */
export function hexOf(digest: Digest): string {
  return parseDigest(digest).slice('sha256:'.length);
}

/** The first 12 digits: enough for people and workflow ids. */
export function shortDigest(digest: Digest): string {
  return hexOf(digest).slice(0, 12);
}
