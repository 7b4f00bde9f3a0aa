/** Problems whose texts are equal up to case, white space and punctuation. */
import type { Problem } from '../rollout/types.ts';
import { textHash } from './text-hash.ts';

export interface TextPair {
  readonly id: string;
  readonly otherId: string;
}

export function findDuplicates(problems: readonly Problem[]): TextPair[] {
  const seen = new Map<string, string>();
  return problems.flatMap(({ id, problem }) => {
    const hash = textHash(problem);
    const otherId = seen.get(hash);
    if (otherId !== undefined) return [{ id, otherId }];
    seen.set(hash, id);
    return [];
  });
}

export function findOverlap(problems: readonly Problem[], others: readonly Problem[]): TextPair[] {
  const idOf = new Map(others.map((other) => [textHash(other.problem), other.id]));
  return problems.flatMap(({ id, problem }) => {
    const otherId = idOf.get(textHash(problem));
    return otherId === undefined ? [] : [{ id, otherId }];
  });
}
