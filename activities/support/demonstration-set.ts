/** Completed demonstrations as a training set. */
import type { CompletedDemonstration } from '../../src/datasets/demonstrations.ts';
import { encodePrefix, encodePrompt } from '../../src/rollout/prompt.ts';
import type { RolloutTemplate } from '../../src/rollout/template.ts';
import type { TextSegment } from '../../src/rollout/types.ts';
import type { Tokenizer } from '../../src/sampler/types.ts';
import type { TrainingSequence, TrainingSet } from '../../src/trainer/types.ts';

export interface DemonstrationSetOptions {
  readonly template: RolloutTemplate;
  readonly tokenizer: Tokenizer;
  /** Learn the prefixes as text (then each arm becomes as likely as its share of the demonstrations) ... */
  readonly learnsPrefixes: boolean;
  /** ... or by a decision target: p(code) of every query. */
  readonly codeTarget?: number;
}

/** A query a problem with both forms, so that they stay in one update; tool output is context. */
export function demonstrationSet(
  demonstrations: readonly CompletedDemonstration[],
  options: DemonstrationSetOptions,
): TrainingSet {
  const { template, tokenizer, codeTarget } = options;
  const prompts = demonstrations.map(({ problem }) => encodePrompt(problem, template, tokenizer));
  const sequences = demonstrations.flatMap(({ cot, code }, query) =>
    [cot, code].map((segments) => toSequence(query, prompts[query] ?? [], segments, options)),
  );
  return {
    queries: prompts.map((promptIds) =>
      codeTarget === undefined ? { promptIds } : { promptIds, target: [1 - codeTarget, codeTarget] as const },
    ),
    sequences,
    prefixIds: [encodePrefix('cot', template, tokenizer), encodePrefix('code', template, tokenizer)],
  };
}

function toSequence(
  query: number,
  promptIds: readonly number[],
  segments: readonly TextSegment[],
  { tokenizer, learnsPrefixes }: DemonstrationSetOptions,
): TrainingSequence {
  const ids = [...promptIds];
  const lossMask: (0 | 1)[] = promptIds.map(() => 0);
  for (const { by, text } of segments) {
    const isLearnt = by === 'model' || (by === 'prefix' && learnsPrefixes);
    for (const id of tokenizer.encode(text)) {
      ids.push(id);
      lossMask.push(isLearnt ? 1 : 0);
    }
  }
  return { query, ids, lossMask, behaviourLogProbs: ids.map(() => 0), advantage: 1 };
}
