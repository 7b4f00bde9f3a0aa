/** A finished evaluation in a real store, with one greedy rollout of every arm on each problem. */
import { putJson } from '../../src/artifacts/codecs.ts';
import { runStep } from '../../src/artifacts/step.ts';
import type { ArtifactStore, Digest } from '../../src/artifacts/types.ts';
import { writeJsonLines } from '../../src/formats/json-lines.ts';
import type { EvaluationMetrics } from '../../src/protocol/evaluation-metrics.ts';
import type { RolloutSummary, RolloutTexts } from '../../src/rollout/file.ts';
import { ARMS, type Arm, type Problem } from '../../src/rollout/types.ts';

/** What the arms did on a problem. `auto` took `taken`, with the same end. */
export interface ProblemScript {
  readonly cot: 'correct' | 'incorrect' | 'undecided' | 'truncated';
  readonly code: 'correct' | 'incorrect' | 'undecided' | 'truncated';
  readonly taken: 'cot' | 'code';
  /** π(code|x). */
  readonly priorCode: number;
  /** What the model wrote, in place of its usual text. */
  readonly text?: string;
}

export interface EvaluationStory {
  readonly checkpoint: Digest;
  readonly problems: readonly Problem[];
  readonly scripts: readonly ProblemScript[];
  readonly metrics: EvaluationMetrics;
}

/** Returns the manifest of the stage `evaluate`. */
export async function storeEvaluation(store: ArtifactStore, story: EvaluationStory): Promise<Digest> {
  const { checkpoint, problems, scripts, metrics } = story;
  const rollouts = problems.flatMap((problem, index) => {
    const script = scripts[index];
    return script === undefined ? [] : ARMS.map((arm) => rolloutOf(problem, arm, script));
  });
  const arms = ARMS.map((arm) => ({ arm, samples: 1, problems: problems.length }));
  const plan = await putJson(store, { problems, arms, temperature: 0 });
  const sampled = await runStep(
    store,
    { stage: 'sample', version: 3, inputs: { checkpoint, plan: plan.digest }, config: null, seed: '' },
    async () => ({
      outputs: {
        summary: await store.putBlob(writeJsonLines(rollouts.map(({ summary }) => summary))),
        texts: await store.putBlob(writeJsonLines(rollouts.map(({ texts }) => texts))),
        prior: await store.putBlob(
          writeJsonLines(
            problems.map(({ id }, index) => {
              const code = scripts[index]?.priorCode ?? 0.5;
              return { problemId: id, logProbs: [Math.log(1 - code), Math.log(code)] };
            }),
          ),
        ),
      },
      facts: { rollouts: rollouts.length, awaiting: 0 },
    }),
  );
  const scored = await runStep(
    store,
    { stage: 'score', version: 1, inputs: { shard0: sampled.key }, config: null, seed: '' },
    async () => ({
      outputs: {
        grades: await store.putBlob(writeJsonLines(rollouts.flatMap(({ grade }) => grade ?? []))),
        shards: await putJson(store, [sampled.key]),
      },
      facts: { rollouts: rollouts.length },
    }),
  );
  const evaluated = await runStep(
    store,
    { stage: 'evaluate', version: 4, inputs: { score: scored.key }, config: null, seed: '' },
    async () => ({ outputs: {}, facts: { metrics } }),
  );
  return evaluated.key;
}

function rolloutOf(problem: Problem, arm: Arm, script: ProblemScript) {
  const id = `${problem.id}#${arm}#0`;
  const way = arm === 'auto' ? script.taken : arm;
  const end = script[way];
  const ranCode = way === 'code';
  const answer = end === 'correct' ? problem.answer : `${problem.answer}1`;
  const summary: RolloutSummary = {
    id,
    problemId: problem.id,
    arm,
    sample: 0,
    seed: id,
    state: end === 'truncated' ? 'truncated' : 'completed',
    endReason: end === 'truncated' ? 'token-budget' : 'eos',
    ranCode,
    promptTokens: 20,
    modelTokens: 12,
    toolTokens: ranCode ? 3 : 0,
    logProbSum: -2,
  };
  const code = `print(${answer} + 0)`;
  const written = script.text ?? `So the answer is \\boxed{${answer}}.`;
  const texts: RolloutTexts = ranCode
    ? {
        id,
        segments: [
          { by: 'model', text: `\`\`\`python\n${code}\n\`\`\`\n` },
          { by: 'tool', text: `\`\`\`output\n${answer}\n\`\`\`\n` },
          { by: 'model', text: written },
        ],
        blocks: [{ code, result: { end: 'ok', stdout: `${answer}\n` } }],
      }
    : { id, segments: [{ by: 'model', text: written }], blocks: [] };
  const grade = end === 'truncated' ? undefined : { id, verdict: end, reason: `made-up-${end}`, answer };
  return { summary, texts, grade };
}
