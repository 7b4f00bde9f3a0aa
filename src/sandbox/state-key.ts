import { createHash } from 'node:crypto';

/** Key of the interpreter state after some blocks under a seed. A result depends on this and on the sandbox. */
export function stateKey(seed: number, blocks: readonly string[]): string {
  return createHash('sha256')
    .update(JSON.stringify([seed, ...blocks]))
    .digest('hex');
}
