/** Solved problems as a training set. */
import type { SolvedProblem } from '../datasets/demonstrations.ts';
import { encodePrefix, encodePrompt } from '../rollout/prompt.ts';
import type { RolloutTemplate } from '../rollout/template.ts';
import type { Arm, TextSegment } from '../rollout/types.ts';
import type { Tokenizer } from '../sampler/types.ts';
import type { TrainingQuery, TrainingSequence, TrainingSet } from '../trainer/types.ts';

export interface DemonstrationSetOptions {
  readonly template: RolloutTemplate;
  readonly tokenizer: Tokenizer;
  /** Learn the prefixes as text (then each arm becomes as likely as its share of the demonstrations) ... */
  readonly learnsPrefixes: boolean;
  /** ... or by a decision target: p(code) of every query. */
  readonly codeTarget?: number;
}

/** Prompts are rendered in batches; between them heartbeats run, which share the thread. */
const BATCH = 200;

const FORMS: readonly Arm[] = ['cot', 'code', 'auto'];

/** One query per problem, with all of its forms, so that they stay in one update; tool output is context. */
export async function demonstrationSet(
  demonstrations: readonly SolvedProblem[],
  options: DemonstrationSetOptions,
): Promise<TrainingSet> {
  const { template, codeTarget } = options;
  const tokenizer = rememberTexts(options.tokenizer);
  const queries: TrainingQuery[] = [];
  const sequences: TrainingSequence[] = [];
  for (let from = 0; from < demonstrations.length; from += BATCH) {
    const batch = demonstrations.slice(from, from + BATCH);
    const prompts = await Promise.all(batch.map(({ problem }) => encodePrompt(problem, template, tokenizer)));
    for (const [index, solved] of batch.entries()) {
      const promptIds = prompts[index] ?? [];
      queries.push(codeTarget === undefined ? { promptIds } : { promptIds, target: [1 - codeTarget, codeTarget] });
      for (const segments of FORMS.flatMap((form) => (solved[form] === undefined ? [] : [solved[form]])))
        sequences.push(toSequence(from + index, promptIds, segments, tokenizer, options.learnsPrefixes));
    }
    await new Promise(setImmediate);
  }
  return {
    queries,
    sequences,
    prefixIds: [encodePrefix('cot', template, tokenizer), encodePrefix('code', template, tokenizer)],
  };
}

/** Caches token ids: prefixes, tool outputs and short answers repeat thousands of times. */
function rememberTexts(tokenizer: Tokenizer): Tokenizer {
  const remember = (encode: (text: string) => number[]) => {
    const known = new Map<string, number[]>();
    return (text: string): number[] => {
      const ids = known.get(text) ?? encode(text);
      known.set(text, ids);
      return ids;
    };
  };
  return {
    eosTokenIds: tokenizer.eosTokenIds,
    encode: remember((text) => tokenizer.encode(text)),
    encodeContinuation: remember((text) => tokenizer.encodeContinuation(text)),
    quote: (text) => tokenizer.quote(text),
    decode: (ids) => tokenizer.decode(ids),
    renderChat: (messages) => tokenizer.renderChat(messages),
  };
}

function toSequence(
  query: number,
  promptIds: readonly number[],
  segments: readonly TextSegment[],
  tokenizer: Tokenizer,
  learnsPrefixes: boolean,
): TrainingSequence {
  const ids = [...promptIds];
  const lossMask: (0 | 1)[] = promptIds.map(() => 0);
  for (const { by, text } of segments) {
    const isLearnt = by === 'model' || (by === 'prefix' && learnsPrefixes);
    // As in a rollout, the text after the forced prefix is tokenized as its continuation.
    for (const id of by === 'prefix' ? tokenizer.encode(text) : tokenizer.encodeContinuation(text)) {
      ids.push(id);
      lossMask.push(isLearnt ? 1 : 0);
    }
  }
  return { query, ids, lossMask, behaviourLogProbs: ids.map(() => 0), advantage: 1 };
}
