/** An iteration in a store as its steps would have left it, with made-up rollouts: for what reads iterations. */
import { createHash } from 'node:crypto';
import type { ArtifactStore, Digest, Manifest } from '../../src/artifacts/types.ts';
import { type CampaignConfig, campaignSchema } from '../../src/config/campaign.ts';
import { canonicalJson } from '../../src/formats/canonical-json.ts';
import { writeJsonLines } from '../../src/formats/json-lines.ts';
import type { StoredIteration, StoredShard } from '../../src/protocol/replay-report.ts';
import type { RolloutSummary, RolloutTexts } from '../../src/rollout/file.ts';
import type { Arm, Problem } from '../../src/rollout/types.ts';

export interface MadeUpIteration {
  readonly problems: number;
  readonly samplesPerArm: number;
  readonly config?: Partial<CampaignConfig>;
}

const PROBLEMS_PER_SHARD = 32;

/** Uniform in [0, 1), by the text alone. */
const chance = (text: string): number => createHash('sha256').update(text).digest().readUInt32LE(0) / 2 ** 32;

export async function storeIteration(store: ArtifactStore, made: MadeUpIteration): Promise<StoredIteration> {
  const { samplesPerArm } = made;
  const config = campaignSchema.parse({
    name: 'made-up',
    model: '/models/made-up',
    template: 'testbed',
    iterations: 1,
    problems: [{ from: 'made-up.jsonl' }],
    problemsPerIteration: made.problems,
    sampling: { samplesPerArm, problemsPerShard: PROBLEMS_PER_SHARD },
    ...made.config,
  });
  const put = async (bytes: Buffer): Promise<{ digest: Digest; bytes: number }> => store.putBlob(bytes);
  const commit = (stage: string, inputs: Record<string, Digest>, outputs: Manifest['outputs']): Promise<Manifest> =>
    store.commitManifest({
      step: { stage, version: 1, inputs, config: null, seed: '' },
      outputs,
      facts: {},
      information: {},
    });
  const problems = Array.from(
    { length: made.problems },
    (_, at): Problem => ({ id: `made-${at}`, problem: `What is ${at} + 7?`, answer: `${at + 7}` }),
  );
  const shards: StoredShard[] = [];
  const grades: unknown[] = [];
  for (let from = 0; from < problems.length; from += PROBLEMS_PER_SHARD) {
    const own = problems.slice(from, from + PROBLEMS_PER_SHARD);
    const rollouts = own.flatMap((problem) => makeRollouts(problem, samplesPerArm));
    grades.push(...rollouts.flatMap(({ grade }) => grade ?? []));
    const { digest: plan } = await put(Buffer.from(JSON.stringify(own)));
    const turn = await commit(
      'sample',
      { plan },
      {
        summary: await put(writeJsonLines(rollouts.map(({ summary }) => summary))),
        texts: await put(writeJsonLines(rollouts.map(({ texts }) => texts))),
        prior: await put(writeJsonLines(own.map(({ id }) => ({ problemId: id, logProbs: priorOf(id) })))),
      },
    );
    shards.push({ plan, rollouts: rollouts.length, turns: [turn.key], executions: [] });
  }
  const score = await commit('score', {}, { grades: await put(writeJsonLines(grades)) });
  const plan = await commit('plan', {}, { problems: await put(writeJsonLines(problems)) });
  const { digest } = await put(Buffer.from(canonicalJson(config)));
  return {
    campaignId: config.name,
    iteration: 1,
    config: digest,
    checkpoint: digest,
    plan: plan.key,
    shards,
    score: score.key,
    metrics: {},
  };
}

function priorOf(id: string): readonly [number, number] {
  const code = 0.05 + 0.9 * chance(`${id}/prior`);
  return [Math.log(1 - code), Math.log(code)];
}

/** Right with a chance of the problem's and arm's own, a twentieth truncated, texts of some thousand characters. */
function makeRollouts({ id: problemId, answer }: Problem, samplesPerArm: number) {
  return (['cot', 'code'] as const).flatMap((arm: Arm) =>
    Array.from({ length: samplesPerArm }, (_, sample) => {
      const id = `${problemId}#${arm}#${sample}`;
      const isTruncated = chance(`${id}/end`) < 0.05;
      const isRight = chance(id) < chance(`${problemId}/${arm}`);
      const found = isRight ? answer : `${answer}1`;
      const text = `${'We add the two numbers step by step. '.repeat(30)}The answer is ${sample % 8 === 7 ? found : `\\boxed{${found}}`}`;
      const summary: RolloutSummary = {
        id,
        problemId,
        arm,
        sample,
        seed: `0/1/${id}`,
        state: isTruncated ? 'truncated' : 'completed',
        endReason: isTruncated ? 'token-budget' : 'eos',
        ranCode: arm === 'code',
        promptTokens: 40,
        modelTokens: 100 + Math.floor(800 * chance(`${id}/length`)),
        toolTokens: arm === 'code' ? 12 : 0,
        logProbSum: -100 * chance(`${id}/log-prob`),
      };
      const texts: RolloutTexts = { id, segments: [{ by: 'model', text }], blocks: [] };
      const verdict = isRight ? 'correct' : 'incorrect';
      const reason = isRight ? 'integer-equal' : 'number-differs';
      return { summary, texts, grade: isTruncated ? undefined : { id, verdict, reason, answer: found } };
    }),
  );
}
