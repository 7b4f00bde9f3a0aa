/** Cuts the validation problems from the training problems. */
import { ConfigError } from '../config/config-error.ts';
import type { Problem } from '../rollout/types.ts';
import { textHash } from './text-hash.ts';

export interface CutProblems {
  readonly training: readonly Problem[];
  readonly validation: readonly Problem[];
}

/**
 * The validation set has the `count` texts with the smallest hashes, so it does not depend on the order of the problems, and
 * a larger set keeps a smaller one. Another problem with the text of a validation problem is left out of both.
 *
 * @throws ConfigError where nothing would be left to train on
 */
export function cutValidation(problems: readonly Problem[], count: number): CutProblems {
  const hashed = problems.map((problem) => ({ problem, hash: textHash(problem.problem) }));
  const texts = [...new Set(hashed.map(({ hash }) => hash))].sort();
  if (count >= texts.length)
    throw new ConfigError(
      `validation.problems: ${count} of ${texts.length} different training problems leave none to train on; take fewer`,
    );
  const cut = new Set(texts.slice(0, count));
  const validation = new Map<string, Problem>();
  for (const { problem, hash } of hashed) if (cut.has(hash) && !validation.has(hash)) validation.set(hash, problem);
  return {
    training: hashed.filter(({ hash }) => !cut.has(hash)).map(({ problem }) => problem),
    validation: [...validation.values()],
  };
}
