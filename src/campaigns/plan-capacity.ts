/** What a campaign takes of its hardware: memory of training and sampling, and hours of the stages on a named GPU. */
import { GPUS, type GpuName } from '../capacity/hardware.ts';
import { longestPass } from '../capacity/pass-memory.ts';
import { samplingMemory } from '../capacity/sampling-memory.ts';
import { stageHours } from '../capacity/stage-hours.ts';
import {
  LAYER_MATRICES,
  type TrainingMemory,
  type TrainingPlan,
  totalOf,
  trainingMemory,
} from '../capacity/training-memory.ts';
import type { CampaignConfig } from '../config/campaign.ts';
import { ConfigError } from '../config/config-error.ts';
import { formatBytes } from '../formats/for-people.ts';
import { METHODS } from '../methods/methods.ts';
import type { ModelConfig } from '../models/model-config.ts';

export interface CapacityPlan {
  /** `1 × H100`, or `cpu`. */
  readonly hardware: string;
  readonly training: TrainingMemory;
  /** Of a served engine on the named GPUs. */
  readonly sampling?: { readonly weightsBytes: number; readonly sequences: number };
  /** Of the whole campaign, on the named GPUs. */
  readonly hours?: { readonly sample: number; readonly train: number };
}

/** Of the whole campaign, by full budgets. */
export interface CampaignWork {
  readonly rolloutsPerIteration: number;
  readonly longestPrompt: number;
  readonly sampledTokens: number;
  readonly trainedTokens: number;
}

/** Rollouts usually end before their budget is used up. */
const SHARE_OF_BUDGET = 0.5;
/** The defaults of `train.lora`. */
const ADAPTERS: NonNullable<TrainingPlan['lora']> = { rank: 16, targets: LAYER_MATRICES };
/** Passes that are tried where the set one does not fit. */
const SHORTER_PASS_TOKENS = 4096;

/** @throws ConfigError for a training or a sampler that does not fit on the named hardware */
export function planCapacity(config: CampaignConfig, model: ModelConfig, work: CampaignWork): CapacityPlan {
  const named = config.hardware;
  const sequenceTokens = Math.min(model.maxContextTokens, work.longestPrompt + config.sampling.maxNewTokens);
  const plan = trainingPlanOf(config, model, work, sequenceTokens);
  const training = trainingMemory(model, plan);
  if (named === undefined || named.gpu === 'cpu') {
    refuseHost(config, training);
    return { hardware: 'cpu', training };
  }
  const gpu = GPUS[named.gpu];
  const gpus = named.count;
  refuseTraining(model, plan, named.gpu, gpus);
  refuseHost(config, training);
  const { weights, sequences } = samplingMemory(model, { memoryBytes: gpu.memoryBytes, gpus, sequenceTokens });
  if (sequences === 0)
    throw new ConfigError(
      `hardware: the sampler's weights take ${formatBytes(weights)} of each of ${gpus} × ${named.gpu} (${formatBytes(gpu.memoryBytes)}) and leave no room for a rollout of ${sequenceTokens} tokens; take more or larger GPUs, or a smaller model`,
    );
  const { gradientCheckpointing } = config.train;
  const workload = {
    sampledTokens: work.sampledTokens * SHARE_OF_BUDGET,
    trainedTokens: work.trainedTokens * SHARE_OF_BUDGET,
    sequenceTokens,
  };
  const hours = stageHours(model, workload, { gpu, gpus, trainingGpus: plan.processes, gradientCheckpointing });
  return { hardware: `${gpus} × ${named.gpu}`, training, sampling: { weightsBytes: weights, sequences }, hours };
}

function trainingPlanOf(
  config: CampaignConfig,
  model: ModelConfig,
  work: CampaignWork,
  sequenceTokens: number,
): TrainingPlan {
  const { train, hardware, method, problemsPerIteration } = config;
  const { microBatchTokens, gradientCheckpointing } = train;
  const device = hardware === undefined || hardware.gpu === 'cpu' ? 'cpu' : 'gpu';
  const rolloutsPerProblem = work.rolloutsPerIteration / Math.max(1, problemsPerIteration);
  const updateTokens = Math.ceil(train.batchSize * rolloutsPerProblem * sequenceTokens);
  const fixed = {
    precision:
      train.precision === 'auto' ? (device === 'gpu' ? ('bf16' as const) : ('fp32' as const)) : train.precision,
    ...(train.lora === undefined ? {} : { lora: train.lora }),
    processes: train.gpus ?? 1,
    gradientCheckpointing,
    offload: train.offload === true,
    eightBit: train.optimizer.name === 'adamw-8bit',
    hasDecisions: METHODS[method].objective(train).decisionWeight !== 0,
    correctedTokens: train.ratio.mode === 'direct' ? 0 : work.rolloutsPerIteration * sequenceTokens * SHARE_OF_BUDGET,
  };
  // What a machine of its own will have free is not known before.
  const bytes = hardware === undefined || hardware.gpu === 'cpu' ? 0 : GPUS[hardware.gpu].memoryBytes;
  const wanted = microBatchTokens === 'auto' ? longestPass(model, fixed, bytes) : microBatchTokens;
  return { ...fixed, device, passTokens: Math.max(sequenceTokens, Math.min(wanted, updateTokens)) };
}

/** The cheapest change that makes the training fit is named first. */
function refuseTraining(model: ModelConfig, plan: TrainingPlan, name: GpuName, gpus: number): void {
  const { memoryBytes } = GPUS[name];
  if (plan.processes > gpus)
    throw new ConfigError(
      `hardware: train.gpus is ${plan.processes}, and hardware.count ${gpus}; name as many GPUs as train together`,
    );
  const needed = (changed: Partial<TrainingPlan>): number =>
    totalOf(trainingMemory(model, { ...plan, ...changed }).gpu);
  if (needed({}) <= memoryBytes) return;
  const passTokens = Math.min(plan.passTokens, SHORTER_PASS_TOKENS);
  const remedies: readonly (readonly [string, Partial<TrainingPlan>])[] = [
    [`train.microBatchTokens: ${passTokens}`, { passTokens }],
    ['train.gradientCheckpointing: true', { gradientCheckpointing: true }],
    [
      `train.gradientCheckpointing: true and train.microBatchTokens: ${passTokens}`,
      { gradientCheckpointing: true, passTokens },
    ],
    [`train.gpus: ${gpus}`, { processes: gpus }],
    [
      `train.gpus: ${gpus}, train.gradientCheckpointing: true and train.microBatchTokens: ${passTokens}`,
      { processes: gpus, gradientCheckpointing: true, passTokens },
    ],
    ...(plan.lora === undefined
      ? ([
          [
            `train.offload: true, train.gradientCheckpointing: true and train.microBatchTokens: ${passTokens}`,
            { offload: true, gradientCheckpointing: true, passTokens },
          ],
        ] as const)
      : []),
    [
      `train.lora, train.gradientCheckpointing: true and train.microBatchTokens: ${passTokens}`,
      { lora: ADAPTERS, gradientCheckpointing: true, passTokens },
    ],
  ];
  const remedy = remedies.find(([, changed]) => needed(changed) <= memoryBytes)?.[0];
  const parts = Object.entries(trainingMemory(model, plan).gpu).filter(([, bytes]) => bytes > 0);
  throw new ConfigError(
    `hardware: the training takes ${formatBytes(needed({}))} of a GPU, and a ${name} has ${formatBytes(memoryBytes)} (${parts.map(([part, bytes]) => `${part} ${formatBytes(bytes)}`).join(', ')}); ${remedy === undefined ? 'neither shorter passes nor adapters make it fit: take more GPUs, larger ones, or a smaller model' : `with ${remedy} it fits`}`,
  );
}

function refuseHost({ hardware }: CampaignConfig, { host }: TrainingMemory): void {
  const limit = hardware?.hostMemoryGb === undefined ? Number.POSITIVE_INFINITY : hardware.hostMemoryGb * 1e9;
  if (totalOf(host) <= limit) return;
  throw new ConfigError(
    `hardware: the training takes ${formatBytes(totalOf(host))} of the machine's memory, and hardware.hostMemoryGb is ${formatBytes(limit)}; take a machine with more, or a smaller model`,
  );
}
