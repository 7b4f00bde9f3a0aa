/**
 * Writes the scored shards of an iteration of real lengths into a store, as a process of its own, so that the memory of
 * the process that curates them is measured alone.
 *
 *   node --import tsx test/bench/growth/write-shards.ts STORE PROBLEMS
 *
 * 16 rollouts a problem of 150 + 800 tokens, a third of them tool output; half of each arm is right. Prints the input of the curation as JSON.
 */
import { putJson } from '../../../src/artifacts/codecs.ts';
import { openStore } from '../../../src/artifacts/open-store.ts';
import type { Digest } from '../../../src/artifacts/types.ts';
import { campaignSchema } from '../../../src/config/campaign.ts';
import { createRandom } from '../../../src/formats/random.ts';
import type { CurateInput } from '../../../src/protocol/activities.ts';
import { FORCED_ARMS, type Rollout } from '../../../src/rollout/types.ts';
import type { Tokenizer } from '../../../src/sampler/types.ts';
import { gradeStep } from '../../../src/steps/grade.ts';
import { sampleStep, storeRollouts } from '../../../src/steps/sample.ts';
import { scoreRollouts } from '../../../src/steps/score.ts';

const [folder = '', problems = '0'] = process.argv.slice(2);
const PROMPT_TOKENS = 150;
const COMPLETION_TOKENS = 800;
const VOCABULARY = 150_000;
const SAMPLES_PER_ARM = 8;
const PROBLEMS_PER_SHARD = 32;

const words: Pick<Tokenizer, 'decode'> = { decode: (ids) => `${ids.length} tokens` };
const random = createRandom('shards of real lengths');
/** Rollouts draw from these, so that writing them takes less time than curating them. */
const completions = Array.from({ length: 600 }, () => {
  // One block of tool output.
  const modelMask = Array.from({ length: COMPLETION_TOKENS }, (_, token) => (token < 300 || token >= 560 ? 1 : 0));
  return {
    modelMask,
    completionIds: modelMask.map(() => random.below(VOCABULARY)),
    logProbs: modelMask.map((bit) => (bit === 1 ? -random.next() : 0)),
  };
});
const store = await openStore(folder);
const { digest: plan } = await putJson(store, { problems: [] });
const { digest: checkpoint } = await putJson(store, 'a checkpoint');
const { digest: config } = await putJson(
  store,
  campaignSchema.parse({
    name: 'lengths',
    model: '/',
    template: 'testbed',
    iterations: 1,
    problems: [{ from: '/problems.jsonl' }],
  }),
);
const grades: Digest[] = [];
let rolloutsPlanned = 0;
for (let from = 0; from < Number(problems); from += PROBLEMS_PER_SHARD) {
  const ids = Array.from({ length: Math.min(PROBLEMS_PER_SHARD, Number(problems) - from) }, (_, at) => `p${from + at}`);
  const rollouts = ids.flatMap(rolloutsOf);
  rolloutsPlanned += rollouts.length;
  const sampled = await sampleStep.run(store, { inputs: { checkpoint, plan }, config: { from } }, async () => ({
    outputs: {
      ...(await storeRollouts(store, rollouts, words as Tokenizer)),
      prior: ids.map((problemId) => ({ problemId, logProbs: [-0.5, -1.5] as const })),
      snippets: [],
    },
    facts: { rollouts: rollouts.length, awaiting: 0 },
  }));
  const graded = await gradeStep.run(store, { inputs: { plan, rollouts: sampled.key }, config: {} }, async () => ({
    outputs: {
      grades: rollouts.map(({ id, arm, sample }) => ({
        id,
        arm,
        verdict: sample % 2 === 0 ? ('correct' as const) : ('incorrect' as const),
        reason: 'equal after normalisation',
        answer: '42',
      })),
    },
    facts: { lost: 0 },
  }));
  grades.push(graded.key);
}
const { manifest: score } = await scoreRollouts(store, { shards: grades, rolloutsPlanned });
console.log(JSON.stringify({ iteration: 1, config, score } satisfies CurateInput));

function rolloutsOf(problemId: string): Rollout[] {
  const promptIds = Array.from({ length: PROMPT_TOKENS }, () => random.below(VOCABULARY));
  return FORCED_ARMS.flatMap((arm, at) =>
    Array.from({ length: SAMPLES_PER_ARM }, (_, sample) => {
      const completion = completions[random.below(completions.length)] as (typeof completions)[0];
      return {
        id: `${problemId}#${arm}#${sample}`,
        problemId,
        arm,
        sample,
        seed: `0/1/${problemId}/${arm}/${sample}`,
        promptIds,
        prefixIds: [at + 1],
        ...completion,
        blocks: [],
        state: 'completed' as const,
      };
    }),
  );
}
