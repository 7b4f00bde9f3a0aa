import { createHash } from 'node:crypto';

const HELD_OUT_SHARE = 0.2;

/** Whether a generated prompt belongs to the held-out 20 %. Only its hash decides, so that splits are disjoint for any seed. */
export function isHeldOut(problem: string): boolean {
  return promptHash(problem).readUInt32BE(0) < HELD_OUT_SHARE * 0x1_0000_0000;
}

/** Id of a generated problem: equal prompts have equal ids. */
export function promptId(generator: string, problem: string): string {
  return `${generator}/${promptHash(problem).toString('hex').slice(0, 16)}`;
}

function promptHash(problem: string): Buffer {
  return createHash('sha256').update(problem).digest();
}
