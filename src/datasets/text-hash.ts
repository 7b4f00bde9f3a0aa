import { createHash } from 'node:crypto';

/** Equal for texts with the same letters, digits and operators in the same order, independent of typesetting. */
export function textHash(problem: string): string {
  const bare = problem
    .normalize('NFKC')
    .toLowerCase()
    .replace(/\\(?:(?:left|right|displaystyle|quad)(?![a-z])|[,;!])/g, '')
    .replace(/[\s$.,;:!?'"‘’“”{}]+/g, '');
  return createHash('sha256').update(bare).digest('hex');
}
