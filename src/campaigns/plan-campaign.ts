/** The dry run: everything about a campaign that can be checked without starting it, and its estimated cost. */

import { availableParallelism } from 'node:os';
import { type CampaignConfig, type EvaluationConfig, VALIDATION_SUITE } from '../config/campaign.ts';
import { ConfigError } from '../config/config-error.ts';
import { templateOf } from '../config/defaults.ts';
import { timesMeasured } from '../config/evaluation-schedule.ts';
import { withKeptCheckpoints } from '../config/kept-checkpoints.ts';
import type { SftConfig } from '../config/training-sections.ts';
import { listGolds } from '../datasets/check-problems.ts';
import { DEMONSTRATION_GENERATORS } from '../datasets/demonstration-generators.ts';
import { type ResolveOptions, resolveProblems } from '../datasets/resolve.ts';
import { TESTBED_MODEL_CONFIG } from '../datasets/testbed/model.ts';
import type { TraceFile } from '../datasets/traces/trace-file.ts';
import { METHODS } from '../methods/methods.ts';
import { countParameters } from '../models/checkpoint-tensors.ts';
import { type ModelConfig, parseModelConfig } from '../models/model-config.ts';
import { fetchHint, parseModelSource } from '../models/model-source.ts';
import type { Problem } from '../rollout/types.ts';
import { readTokenizer } from '../sampler/tokenizer.ts';
import { checkCampaign } from './check-campaign.ts';
import { checkPrefixes, type ScorePrompts } from './check-prefixes.ts';
import { estimateSeconds } from './estimate-cost.ts';
import { inspectModel } from './inspect-model.ts';
import { type CapacityPlan, planCapacity } from './plan-capacity.ts';

export interface CampaignPlan {
  readonly name: string;
  readonly method: string;
  readonly iterations: number;
  readonly model: { readonly parameters: number; readonly checked: readonly string[] };
  readonly problems: { readonly count: number; readonly from: readonly string[]; readonly perIteration: number };
  /** Of one iteration. `maxNewTokens` is the budget; models usually write less. */
  readonly iteration: { readonly rollouts: number; readonly shards: number; readonly maxNewTokens: number };
  readonly evaluations: readonly {
    readonly suite: string;
    readonly from: string;
    /** How often the campaign measures it. */
    readonly times: number;
    /** Of one evaluation. */
    readonly rollouts: number;
    readonly maxNewTokens: number;
  }[];
  readonly total: {
    readonly rollouts: number;
    readonly maxNewTokens: number;
    /** At most: full budgets, and every checkpoint that is not collected. */
    readonly diskBytes: number;
    /** An order-of-magnitude estimate from parameters, tokens and processor cores. The live page shows measurements. */
    readonly estimatedSeconds: number;
  };
  readonly capacity: CapacityPlan;
  /** Warnings: valid settings that are possibly not intended. */
  readonly warnings: readonly string[];
}

/** A set that is evaluated: its settings, its size, and where it is from. */
interface Measured {
  readonly item: Omit<EvaluationConfig, 'problems' | 'temperature'>;
  readonly all: number;
  readonly from: string;
}

/** Stored bytes of a sampled token: id, log-prob, mask, and its text twice (transcript and code). */
const BYTES_PER_TOKEN = 4 + 4 + 1 + 8;
const BYTES_PER_ROLLOUT = 400;
/** A saved state of a training holds weights and two moments in fp32; one is written while the one before it stays. */
const STATE_BYTES = 12;
/** In fp32, or in bf16 with what that leaves out. */
const CHECKPOINT_BYTES = 4;
const STATES = 2;

/**
 * @param score - Log-probs of the campaign's model, to see whether it begins with the template's prefixes. Absent: that is
 * not seen
 * @throws ConfigError that lists the settings that can't work
 */
export async function planCampaign(
  config: CampaignConfig,
  data: Omit<ResolveOptions, 'seed'>,
  score?: ScorePrompts,
): Promise<CampaignPlan> {
  const { training, trainingProblems, validationProblems, suites, gradedAsText, traces } = await checkCampaign(
    config,
    (source) => resolveProblems(source, { ...data, seed: config.seed }),
  );
  const model = await checkModel(config, trainingProblems, score);
  const { samplesPerArm, autoSamples, maxNewTokens, problemsPerShard } = config.sampling;
  const count = trainingProblems.length;
  const perIteration = Math.min(config.problemsPerIteration, count);
  const rollouts =
    perIteration * sum(METHODS[config.method].arms(samplesPerArm, autoSamples).map(({ samples }) => samples));
  const measured: Measured[] = suites.map(({ config: item, resolved }) => ({
    item,
    all: resolved.problems.length,
    from: resolved.description,
  }));
  if (validationProblems !== undefined) {
    const item = { suite: VALIDATION_SUITE, samples: 1 };
    measured.push({ item, all: validationProblems.length, from: 'cut from the training problems' });
  }
  const evaluations = measured.map(({ item, all, from }) => {
    const arms = item.arms ?? { auto: all, cot: all, code: all };
    const evaluated = Object.values(arms).reduce<number>(
      (sum, limit) => sum + Math.min(limit ?? 0, all) * item.samples,
      0,
    );
    return {
      suite: item.suite,
      from,
      times: timesMeasured(item, config.iterations),
      rollouts: evaluated,
      maxNewTokens: evaluated * (item.maxNewTokens ?? maxNewTokens),
    };
  });
  const evaluated = sum(evaluations.map((item) => item.times * item.rollouts));
  const evaluatedTokens = sum(evaluations.map((item) => item.times * item.maxNewTokens));
  const sampledTokens = rollouts * maxNewTokens * config.iterations;
  const allRollouts = rollouts * config.iterations + evaluated;
  const allTokens = sampledTokens + evaluatedTokens;
  const trainedTokens = sampledTokens * config.train.epochs + sftTokens(config, traces);
  return {
    name: config.name,
    method: config.method,
    iterations: config.iterations,
    model: { parameters: model.parameters, checked: model.checked },
    problems: { count, from: training.map((part) => part.description), perIteration },
    iteration: {
      rollouts,
      shards: rollouts === 0 ? 0 : Math.ceil(perIteration / problemsPerShard),
      maxNewTokens: rollouts * maxNewTokens,
    },
    evaluations,
    total: {
      rollouts: allRollouts,
      maxNewTokens: allTokens,
      diskBytes:
        allTokens * BYTES_PER_TOKEN +
        allRollouts * BYTES_PER_ROLLOUT +
        model.parameters * CHECKPOINT_BYTES * checkpointsAtATime(config, model.parameters) +
        STATES * STATE_BYTES * model.parameters,
      estimatedSeconds: estimateSeconds({
        parameters: model.parameters,
        cores: availableParallelism(),
        sampledTokens: allTokens,
        trainedTokens: sampledTokens * config.train.epochs,
        sftTokens: sftTokens(config, traces),
      }),
    },
    capacity: planCapacity(config, model.config, {
      rolloutsPerIteration: rollouts,
      longestPrompt: model.longestPrompt,
      sampledTokens: allTokens,
      trainedTokens,
    }),
    warnings: [
      ...model.warnings,
      ...(traces === undefined ? [] : describeTraces(traces)),
      ...gradedAsText.flatMap(({ of, golds }) =>
        golds.length === 0 ? [] : [`${golds.length} ${of} answers are graded as text: ${listGolds(golds)}`],
      ),
      ...(config.problemsPerIteration > count && rollouts > 0
        ? [
            `an iteration takes at most all problems: ${count}, and not the ${config.problemsPerIteration} of problemsPerIteration`,
          ]
        : []),
      ...(measured.length === 0 ? ['nothing is evaluated: add `evaluations` to see whether it learns'] : []),
      ...(validationProblems === undefined && suites[0] !== undefined
        ? [
            `the best checkpoint is chosen on ${suites[0].config.suite}, so its figures there are too good; \`validation: { problems: 200 }\` chooses it on training problems that are left out`,
          ]
        : []),
    ],
  };
}

function checkpointsAtATime(config: CampaignConfig, parameters: number): number {
  const made = config.iterations + (config.sft === undefined ? 1 : 2);
  const keepLast = withKeptCheckpoints(config, parameters).checkpoints?.keepLast;
  // Beside the last: the start, the best, and the one that is being written.
  return keepLast === undefined ? made : Math.min(made, keepLast + 3);
}

/** A dry run loads the model into memory, 4 bytes a parameter. */
const MOST_SCORED_PARAMETERS = 2e9;

interface CheckedModel {
  readonly config: ModelConfig;
  /** In tokens. */
  readonly longestPrompt: number;
  readonly parameters: number;
  readonly checked: readonly string[];
  readonly warnings: readonly string[];
}

/** Checks model folder, tokenizer and template together, as a rollout uses them. */
async function checkModel(
  config: CampaignConfig,
  problems: readonly Problem[],
  score: ScorePrompts | undefined,
): Promise<CheckedModel> {
  const source = parseModelSource(config.model);
  if (source.kind === 'testbed') {
    const model = parseModelConfig(TESTBED_MODEL_CONFIG, 'the testbed model');
    // A character is a token.
    const longestPrompt = Math.max(0, ...problems.map(({ problem }) => problem.length));
    const checked = ['made by the warm-up, with its tokenizer'];
    return { config: model, longestPrompt, parameters: countParameters(model), checked, warnings: [] };
  }
  if (source.kind === 'hub') throw new ConfigError(`model: ${fetchHint(source)}`);
  try {
    const prompts = { template: templateOf(config), problems: longestOf(problems) };
    const { config: model, longestPrompt: longest } = await inspectModel({ folder: config.model, prompts });
    const room = model.maxContextTokens - longest;
    if (room < 1)
      throw new Error(`the longest prompt has ${longest} tokens, and the model ${model.maxContextTokens} positions`);
    const isTight = room < config.sampling.maxNewTokens;
    const parameters = countParameters(model);
    // The SFT changes what the model begins with.
    const isScored = score !== undefined && config.sft === undefined && parameters <= MOST_SCORED_PARAMETERS;
    const prefixes = isScored
      ? await checkPrefixes(config, await readTokenizer(config.model), problems, score)
      : undefined;
    return {
      config: model,
      longestPrompt: longest,
      parameters,
      checked: [
        describeModel(model),
        `template: longest prompt ${longest} tokens`,
        ...(prefixes === undefined ? [] : [prefixes.checked]),
      ],
      warnings: [
        ...(isTight
          ? [
              `after the longest prompt ${room} of ${config.sampling.maxNewTokens} new tokens fit into the model's context`,
            ]
          : []),
        ...(prefixes?.warnings ?? []),
      ],
    };
  } catch (error) {
    throw new ConfigError(`model ${config.model}: ${error instanceof Error ? error.message : error}`);
  }
}

/** The longest texts have about the longest prompts. */
const longestOf = (problems: readonly Problem[]): string[] =>
  problems
    .map(({ problem }) => problem)
    .sort((a, b) => b.length - a.length)
    .slice(0, 20);

/** The cost of the warm-up: demonstrations in both forms, and the skew of the prior. */
function sftTokens({ sft, method, iterations }: CampaignConfig, traces: TraceFile | undefined): number {
  if (sft === undefined) return 0;
  const skew = sft.skewTo === undefined ? 0 : sft.skewUpdates * sft.batchTokens;
  const trainings = method === 'sft' ? iterations : 1;
  return trainings * (tokensOf(sft, traces) * sft.epochs + skew);
}

/** Of a token of text: good enough for an estimate. */
const CHARACTERS_PER_TOKEN = 3.5;

function tokensOf({ demonstrations, problems = 0 }: SftConfig, traces: TraceFile | undefined): number {
  if (typeof demonstrations === 'string')
    return problems * 2 * DEMONSTRATION_GENERATORS[demonstrations].tokensPerSolution;
  const lengths = (traces?.traces ?? []).flatMap(({ problem, turns }) => [
    problem.length,
    ...turns.map(({ text, code = '' }) => text.length + code.length),
  ]);
  return sum(lengths) / CHARACTERS_PER_TOKEN;
}

/** What a file of demonstrations holds that can't be learnt from; the code has not been run yet. */
function describeTraces({ traces, unreadable }: TraceFile): string[] {
  const [first] = unreadable;
  if (first === undefined) return [];
  const all = traces.length + unreadable.length;
  return [
    `${unreadable.length} of ${all} demonstrations can't be read and are left out: ${first.place}: ${first.reason}`,
  ];
}

const describeModel = (model: ModelConfig): string =>
  `${model.family}, ${model.layers} layers, vocabulary ${model.vocabSize}`;

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
