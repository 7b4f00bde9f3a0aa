import { createHash } from 'node:crypto';

/** The seed of a snippet's own randomness: 32 bits that depend on the rollout's seed alone. */
export function seedOfSnippet(rolloutSeed: string): number {
  return createHash('sha256').update(rolloutSeed).digest().readUInt32LE(0);
}
