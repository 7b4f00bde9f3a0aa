import { createHash } from 'node:crypto';

/** Name of the interpreter state after some blocks under a seed; also what a result depends on beside the sandbox. */
export function stateKey(seed: number, blocks: readonly string[]): string {
  return createHash('sha256')
    .update(JSON.stringify([seed, ...blocks]))
    .digest('hex');
}
