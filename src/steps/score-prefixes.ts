/** log π(g_c|x) of both forced prefixes for problems. */
import { encodePrefix, encodePrompt } from '../rollout/prompt.ts';
import type { RolloutTemplate } from '../rollout/template.ts';
import { FORCED_ARMS, type Problem } from '../rollout/types.ts';
import type { Sampler, Tokenizer } from '../sampler/types.ts';
import type { PriorLine } from './sample.ts';

/** One line a problem, in order; log-probs in nats, summed over the prefix, at temperature 1. */
export async function scorePrefixes(
  problems: readonly Pick<Problem, 'id' | 'problem'>[],
  { template, tokenizer }: { readonly template: RolloutTemplate; readonly tokenizer: Tokenizer },
  score: (requests: Parameters<Sampler['score']>[0]) => ReturnType<Sampler['score']>,
): Promise<PriorLine[]> {
  const prefixes = { cot: encodePrefix('cot', template, tokenizer), code: encodePrefix('code', template, tokenizer) };
  const prompts = await Promise.all(problems.map(({ problem }) => encodePrompt(problem, template, tokenizer)));
  const requests = problems.flatMap(({ id }, at) => {
    const promptIds = prompts[at] ?? [];
    return FORCED_ARMS.map((arm) => ({ id: `${arm}/${id}`, promptIds, continuationIds: prefixes[arm] }));
  });
  const sums = new Map(
    (await score(requests)).map(({ id, logProbs }) => [id, logProbs.reduce((sum, value) => sum + value, 0)]),
  );
  const sumOf = (key: string): number => {
    const sum = sums.get(key);
    if (sum === undefined) throw new Error(`the sampler returned no score for ${key}`);
    return sum;
  };
  return problems.map(({ id }) => ({ problemId: id, logProbs: [sumOf(`cot/${id}`), sumOf(`code/${id}`)] }));
}
