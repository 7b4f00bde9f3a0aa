/** A campaign as the workflows would tell it, with rollout blobs in a real store: what browser tests look at. */

import { createHash } from 'node:crypto';
import { runStep } from '../../src/artifacts/step.ts';
import type { ArtifactStore, Digest } from '../../src/artifacts/types.ts';
import { campaignSchema } from '../../src/config/campaign.ts';
import { generateTestbed } from '../../src/datasets/testbed/generate.ts';
import { writeJsonLines } from '../../src/formats/json-lines.ts';
import { createRandom } from '../../src/formats/random.ts';
import type { EvaluationMetrics, Measure } from '../../src/protocol/evaluation-metrics.ts';
import type { Fact } from '../../src/protocol/facts.ts';
import type { StageName } from '../../src/protocol/stages.ts';
import type { RolloutSummary, RolloutTexts } from '../../src/rollout/file.ts';
import type { Problem } from '../../src/rollout/types.ts';
import { measureMean } from '../../src/scoring/measure.ts';
import type { TrainingUpdate } from '../../src/trainer/types.ts';
import { type ProblemScript, storeEvaluation } from './evaluation-story.ts';

/** Accuracies of one evaluation: auto, cot, code, either arm, code rate, selection greedy and sampled. */
type Scores = readonly [number, number, number, number, number, number, number];

export const EM_SCORES: readonly Scores[] = [
  [0.4, 0.37, 0.65, 0.93, 0.02, 0.34, 0.36],
  [0.68, 0.37, 0.65, 0.93, 0.38, 0.69, 0.66],
  [0.86, 0.36, 0.65, 0.92, 0.59, 0.93, 0.91],
  [0.9, 0.36, 0.64, 0.92, 0.62, 0.98, 0.98],
];
export const RL_SCORES: readonly Scores[] = [
  [0.4, 0.37, 0.65, 0.93, 0.02, 0.34, 0.36],
  [0.38, 0.36, 0.65, 0.92, 0.01, 0.33, 0.34],
  [0.36, 0.36, 0.64, 0.92, 0.0, 0.32, 0.32],
  [0.36, 0.36, 0.64, 0.91, 0.0, 0.31, 0.31],
  [0.35, 0.35, 0.64, 0.91, 0.0, 0.3, 0.31],
];

const PROBLEMS = 400;
const CURATED = { problems: 128, targets: 101, ties: 6, noSignal: 23, withheld: 0, keptRollouts: 306 };
const TRAINED = {
  decision_loss: 0.412,
  ratio_mean: 1.0004,
  clip_frac: 0.0061,
  approx_kl: 0.00031,
  grad_norm: 2.71,
};

function metricsOf([auto, cot, code, oracle, codeRate, greedy, sampled]: Scores): EvaluationMetrics {
  const share = (value: number, n = PROBLEMS): Measure => {
    const right = Math.round(value * n);
    const measure = measureMean(Array.from({ length: n }, (_, index) => (index < right ? 1 : 0)));
    if (measure === undefined) throw new Error('no problems');
    return measure;
  };
  return {
    accuracy: { auto: share(auto), cot: share(cot), code: share(code) },
    oracle: share(oracle),
    codeRate: share(codeRate),
    selectionAccuracy: { greedy: share(greedy, 330), sampled: share(sampled, 330) },
  };
}

/** Problems of an evaluation whose rollouts are in the store; its figures are those of `PROBLEMS`. */
export const EVALUATED = 24;

/** From the first problem on: the worse arm, neither arm, undecided, truncated; later iterations take the better arm. */
function scriptOf(index: number, iteration: number, text: string | undefined): ProblemScript {
  const priorCode = Math.min(0.95, 0.1 + 0.25 * iteration);
  const given = text === undefined ? {} : { text };
  if (index === 0) return { cot: 'incorrect', code: 'correct', taken: 'cot', priorCode: 0.04, ...given };
  if (index === 1) return { cot: 'incorrect', code: 'incorrect', taken: 'code', priorCode };
  if (index === 2) return { cot: 'correct', code: 'undecided', taken: 'cot', priorCode };
  if (index === 3) return { cot: 'truncated', code: 'correct', taken: 'code', priorCode };
  const isForCode = index % 3 === 0;
  const knows = iteration * 6 > index;
  return {
    cot: isForCode ? 'incorrect' : 'correct',
    code: isForCode || index % 2 === 0 ? 'correct' : 'incorrect',
    taken: isForCode && knows ? 'code' : 'cot',
    priorCode,
  };
}

const digestOf = (seed: string): Digest => `sha256:${createHash('sha256').update(seed).digest('hex')}`;

export interface StoryOptions {
  readonly store: ArtifactStore;
  readonly id: string;
  readonly method: 'em' | 'rl';
  readonly scores: readonly Scores[];
  readonly planned: number;
  /** Default: 0. */
  readonly seed?: number;
  /** When it began. */
  readonly startMs: number;
  /** Text that the model wrote in the first rollout, e.g. with markup in it. */
  readonly modelText?: string;
}

/** Facts of a campaign of which `scores.length - 1` iterations are done and, if more are planned, one is sampling. */
export async function campaignStory(options: StoryOptions): Promise<Fact[]> {
  const { id, method, scores, planned, store } = options;
  const facts: Fact[] = [];
  let nowMs = options.startMs;
  const at = () => new Date(nowMs).toISOString();
  const wait = (seconds: number) => {
    nowMs += seconds * 1000;
  };
  const checkpoint = (iteration: number) => digestOf(iteration === 0 ? 'start' : `${id}/${iteration}`);
  const stage = (
    iteration: number,
    name: StageName,
    seconds: number,
    rest: Partial<Extract<Fact, { kind: 'stage' }>> = {},
  ) => {
    facts.push({ kind: 'stage', campaignId: id, iteration, stage: name, status: 'running', at: at() });
    wait(seconds);
    facts.push({ kind: 'stage', campaignId: id, iteration, stage: name, status: 'completed', at: at(), ...rest });
  };
  const evaluate = async (iteration: number) => {
    const score = scores[iteration];
    if (score === undefined) return;
    const metrics = metricsOf(score);
    const problems = generateTestbed({ split: 'held-out', count: EVALUATED, seed: 0 });
    const scripts = problems.map((_, index) => scriptOf(index, iteration, options.modelText));
    const manifest = await storeEvaluation(store, {
      checkpoint: checkpoint(iteration),
      problems,
      scripts,
      metrics,
    });
    stage(iteration, 'evaluate', 6 + iteration / 3);
    const evaluationId = `eval/${checkpoint(iteration).slice(7, 19)}/held-out/1`;
    const evaluation = { kind: 'evaluation', id: evaluationId, campaignId: id, iteration, suite: 'held-out' } as const;
    facts.push({
      ...evaluation,
      checkpoint: checkpoint(iteration),
      status: 'completed',
      at: at(),
      manifest,
      metrics,
    });
  };
  const config = { ...configOf(id, method, planned), seed: options.seed ?? 0 };
  facts.push({ kind: 'campaign', id, status: 'running', at: at(), config, iterationsPlanned: planned });
  stage(0, 'warm-up', 128);
  facts.push({ kind: 'checkpoint', digest: checkpoint(0), campaignId: id, iteration: 0, at: at() });
  await evaluate(0);
  const done = scores.length - 1;
  for (let iteration = 1; iteration <= Math.min(planned, done + 1); iteration += 1) {
    const isOpen = iteration > done;
    facts.push({
      kind: 'iteration',
      campaignId: id,
      iteration,
      status: 'running',
      at: at(),
      from: checkpoint(iteration - 1),
    });
    const problems = generateTestbed({ split: 'train', count: 128, seed: iteration });
    const plan = await planStep(store, id, iteration, problems);
    stage(iteration, 'plan', 0.2, { manifest: plan });
    facts.push({ kind: 'stage', campaignId: id, iteration, stage: 'sample', status: 'running', at: at() });
    for (let shard = 0; shard < (isOpen ? 1 : 2); shard += 1) {
      wait(2.1);
      const part = problems.slice(shard * 64, shard * 64 + 64);
      const { manifest, counts } = await rolloutStep(options, iteration, shard, part);
      const sampledBy = 'embedded onnxruntime-node 1.30.0, fp32';
      facts.push({ kind: 'shard', campaignId: id, iteration, shard, of: 2, at: at(), manifest, counts, sampledBy });
    }
    if (isOpen) break;
    facts.push({ kind: 'stage', campaignId: id, iteration, stage: 'sample', status: 'completed', at: at() });
    stage(iteration, 'score', 0.4, { counts: { rollouts: 1024 } });
    stage(iteration, 'curate', 0.2, { counts: CURATED });
    const manifest = await trainingStep(store, checkpoint(iteration - 1), iteration);
    stage(iteration, 'train', 5.5 + iteration / 4, {
      manifest,
      counts: { ...TRAINED, code_prob: 0.2 * iteration },
    });
    const to = checkpoint(iteration);
    facts.push(
      { kind: 'checkpoint', digest: to, campaignId: id, iteration, parent: checkpoint(iteration - 1), at: at() },
      {
        kind: 'iteration',
        campaignId: id,
        iteration,
        status: 'completed',
        at: at(),
        from: checkpoint(iteration - 1),
        to,
      },
      { kind: 'campaign', id, status: 'running', at: at(), head: to, iterationsDone: iteration },
    );
    await evaluate(iteration);
  }
  if (done >= planned) facts.push({ kind: 'campaign', id, status: 'completed', at: at() });
  return facts;
}

function configOf(id: string, method: 'em' | 'rl', iterations: number) {
  return campaignSchema.parse({
    name: id,
    model: 'testbed',
    template: 'testbed',
    method,
    iterations,
    sft: { demonstrations: 'testbed', problems: 22_000, batchTokens: 700, skewTo: 0.03 },
    problems: [{ from: 'testbed', split: 'train', limit: 4096 }],
    problemsPerIteration: 128,
    sampling: { samplesPerArm: 4, maxNewTokens: 64, maxTurns: 2, problemsPerShard: 64 },
    evaluations: [{ suite: 'held-out', problems: { from: 'testbed', split: 'held-out', limit: PROBLEMS } }],
  });
}

async function planStep(
  store: ArtifactStore,
  id: string,
  iteration: number,
  problems: readonly Problem[],
): Promise<Digest> {
  const step = { stage: 'plan', version: 1, inputs: {}, config: { id, iteration }, seed: '' };
  const manifest = await runStep(store, step, async () => ({
    outputs: { problems: await store.putBlob(writeJsonLines([...problems])) },
    facts: {},
  }));
  return manifest.key;
}

/** Updates of a training in the story. */
export const UPDATES = 12;

/** The series of a training; its checkpoint is not there. */
async function trainingStep(store: ArtifactStore, from: Digest, iteration: number): Promise<Digest> {
  const updates: TrainingUpdate[] = Array.from({ length: UPDATES }, (_, index) => ({
    update: index + 1,
    epoch: 1 + Math.floor((3 * index) / UPDATES),
    tokens: 4000 + 37 * ((index * 7) % 11),
    decisions: 32,
    metrics: {
      loss: 1.4 / (iteration + index / UPDATES),
      code_prob: Math.min(0.97, 0.1 + 0.2 * (iteration + index / UPDATES)),
      approx_kl: 0.0001 * (index + 1),
      grad_norm: 2 + Math.sin(index),
    },
  }));
  const step = { stage: 'train', version: 2, inputs: { checkpoint: from }, config: { iteration }, seed: '' };
  const manifest = await runStep(store, step, async () => ({
    outputs: { updates: await store.putBlob(writeJsonLines(updates)) },
    facts: { metrics: {} },
  }));
  return manifest.key;
}

/** Rollouts with their grades: CoT right now and then, code often, and one of every unhappy end. */
async function rolloutStep(
  { store, id, method, modelText }: StoryOptions,
  iteration: number,
  shard: number,
  problems: readonly Problem[],
) {
  const random = createRandom(`${id}/${iteration}/${shard}`);
  const summaries: RolloutSummary[] = [];
  const texts: RolloutTexts[] = [];
  const grades: { id: string; verdict: string; reason: string; answer?: string }[] = [];
  const counts: Record<string, number> = { rollouts: 0, newTokens: 0, toolTokens: 0 };
  const count = (name: string, value = 1) => {
    counts[name] = (counts[name] ?? 0) + value;
  };
  for (const [index, problem] of problems.entries()) {
    for (const arm of method === 'em' ? (['cot', 'code'] as const) : (['auto'] as const)) {
      for (let sample = 0; sample < (method === 'em' ? 4 : 8); sample += 1) {
        const rolloutId = `${problem.id}#${arm}#${sample}`;
        const draw = random.next();
        const state =
          draw < 0.012 ? 'violation' : draw < 0.03 ? 'truncated' : draw < 0.034 ? 'infrastructure' : 'completed';
        const right = random.next() < (arm === 'code' ? 0.65 : 0.38);
        const answer = right ? problem.answer : String(random.below(900));
        const runsCode = arm === 'code' && state !== 'violation';
        const isFirst = iteration === 1 && shard === 0 && index === 0 && sample === 0;
        const modelTokens = 9 + random.below(16);
        summaries.push({
          id: rolloutId,
          problemId: problem.id,
          arm,
          sample,
          seed: `${iteration}/${rolloutId}`,
          state,
          endReason: ENDS[state],
          ranCode: runsCode,
          promptTokens: 14 + random.below(30),
          modelTokens,
          toolTokens: runsCode ? 3 : 0,
          logProbSum: -random.next() * 9,
        });
        texts.push(textsOf(rolloutId, arm, answer, runsCode, isFirst ? modelText : undefined));
        if (state === 'completed') {
          const verdict = random.next() < 0.004 ? 'undecided' : right ? 'correct' : 'incorrect';
          grades.push({ id: rolloutId, verdict, reason: right ? 'integer-equal' : 'number-differs', answer });
          count(`grade.${verdict}`);
        }
        count('rollouts');
        count(`${state}.${arm}`);
        count('newTokens', modelTokens);
      }
    }
  }
  const sampled = await runStep(
    store,
    { stage: 'sample', version: 1, inputs: {}, config: { id, iteration, shard }, seed: '' },
    async () => ({
      outputs: {
        summary: await store.putBlob(writeJsonLines(summaries)),
        texts: await store.putBlob(writeJsonLines(texts)),
        prior: await store.putBlob(
          writeJsonLines(problems.map(({ id: problemId }) => ({ problemId, logProbs: [-0.4, -1.1] }))),
        ),
      },
      facts: counts,
    }),
  );
  const { digest: plan } = await store.putBlob(writeJsonLines([...problems]));
  const graded = await runStep(
    store,
    { stage: 'grade', version: 1, inputs: { plan, rollouts: sampled.key }, config: null, seed: '' },
    async () => ({
      outputs: { grades: await store.putBlob(writeJsonLines(grades)) },
      facts: {},
    }),
  );
  return { manifest: graded.key, counts };
}

const ENDS = {
  completed: 'eos',
  truncated: 'token-budget',
  violation: 'code-in-cot',
  infrastructure: 'sandbox',
} as const;

function textsOf(
  id: string,
  arm: 'auto' | 'cot' | 'code',
  answer: string,
  runsCode: boolean,
  given: string | undefined,
): RolloutTexts {
  const code = `print(${answer}+0)`;
  const prefix = arm === 'auto' ? [] : [{ by: 'prefix', text: arm === 'code' ? '<|code|>' : '<|cot|>' } as const];
  if (!runsCode) {
    return {
      id,
      segments: [...prefix, { by: 'model', text: given ?? `12+${answer}=… \\boxed{${answer}}<|eos|>` }],
      blocks: [],
    };
  }
  return {
    id,
    segments: [
      ...prefix,
      { by: 'model', text: `${code}<|run|>` },
      { by: 'tool', text: `${answer}<|out|>` },
      { by: 'model', text: `\\boxed{${answer}}<|eos|>` },
    ],
    blocks: [{ code: given ?? code, result: { end: 'ok', stdout: given ?? `${answer}\n` } }],
  };
}
