/** From the campaign's settings to the trainer's options. */

import { existsSync } from 'node:fs';
import type { CampaignConfig } from '../config/campaign.ts';
import type { SftConfig } from '../config/training-sections.ts';
import { deriveSeed, seedNumber } from '../formats/seeds.ts';
import { METHODS } from '../methods/methods.ts';
import type { TrainOptions } from '../trainer/job.ts';

/** Options of an iteration's M-step: the `train` section, completed by what the method and the machine decide. */
export function iterationOptions(config: CampaignConfig, iteration: number): TrainOptions {
  const { train, sampling, method, seed } = config;
  // How often it is saved changes no result, and so no step key. The reference is an input of the step.
  const {
    decisionWeight,
    ratioTolerance,
    preferenceBeta,
    precision,
    ratio,
    klWeight,
    targetKl,
    saveEveryMinutes: _,
    klReference: __,
    ...asConfigured
  } = train;
  const objective = METHODS[method].objective({ decisionWeight, ratioTolerance, preferenceBeta });
  const ofPolicyGradient = { ratio, klWeight, ...(targetKl === undefined ? {} : { targetKl }) };
  return {
    ...asConfigured,
    ...objective,
    ...(objective.objective === 'policy-gradient' ? ofPolicyGradient : {}),
    precision: precisionHere(precision),
    temperature: sampling.temperature,
    seed: seedNumber(deriveSeed(seed, iteration, 'train')),
  };
}

// Cross-entropy has no ratio to clip. A constant, so that campaigns with other clips share their warm start.
const UNUSED_CLIP = 0.2;

/**
 * Options of the probe on the first shard; undefined for a method that reads no log-probs of the sampler. A training on pairs
 * has no probe of its own: it knows the log-prob of a forced prefix as a whole only, which the probe would take for one token's.
 */
export function probeOptions(config: CampaignConfig, iteration: number): TrainOptions | undefined {
  const options = iterationOptions(config, iteration);
  return options.objective === 'cross-entropy'
    ? undefined
    : { ...options, ratioTolerance: config.train.ratioTolerance };
}

/** SFT on both forms of every demonstration, the prefix included: so the model learns to write either. */
export function sftOptions({ train }: CampaignConfig, sft: SftConfig): TrainOptions {
  const ofAllWeights = train.offload === undefined ? {} : { offload: train.offload };
  return {
    objective: 'cross-entropy',
    decisionWeight: 0,
    clip: UNUSED_CLIP,
    temperature: 1,
    microBatchTokens: train.microBatchTokens,
    precision: precisionHere(train.precision),
    gradientCheckpointing: train.gradientCheckpointing,
    ...(train.threads === undefined ? {} : { threads: train.threads }),
    ...(train.gpus === undefined ? {} : { gpus: train.gpus }),
    ...(sft.lora === undefined ? ofAllWeights : { lora: sft.lora }),
    epochs: sft.epochs,
    batchTokens: sft.batchTokens,
    ...(sft.maxUpdates === undefined ? {} : { maxUpdates: sft.maxUpdates }),
    optimizer: sft.optimizer,
    seed: sft.seed,
  };
}

// The decision weighs as much as in an M-step: it changes within the few updates of a skew, and the loss on the text
// keeps both forms fluent.
const SKEW_DECISION_WEIGHT = 2;
// Not the campaign's own: campaigns that differ in how they train share their warm start. Adapters want ten times the rate.
const SKEW_LEARNING_RATE = 3e-4;
const SKEW_LEARNING_RATE_OF_ADAPTERS = 3e-3;

/** The same text, and every query's decision target at the wanted p(code). */
export function skewOptions(config: CampaignConfig, sft: SftConfig): TrainOptions {
  return {
    ...sftOptions(config, sft),
    decisionWeight: SKEW_DECISION_WEIGHT,
    maxUpdates: sft.skewUpdates,
    optimizer: {
      name: 'adamw',
      learningRate: sft.lora === undefined ? SKEW_LEARNING_RATE : SKEW_LEARNING_RATE_OF_ADAPTERS,
      weightDecay: 0,
      schedule: 'constant',
      warmupSteps: 0,
      maxGradNorm: 1,
    },
  };
}

function precisionHere(precision: CampaignConfig['train']['precision']): TrainOptions['precision'] {
  return precision === 'auto' ? (hasGpu() ? 'bf16' : 'fp32') : precision;
}

/**
 * Whether the device file of the NVIDIA driver exists: `precision: auto` depends on it. The trainer itself chooses the
 * GPU by `torch.cuda.is_available()`. Where the two differ (a torch without CUDA, a driver in WSL), `auto` means bf16 on
 * the CPU or fp32 on the GPU, which is slower but correct; set the precision in the campaign file there.
 */
function hasGpu(): boolean {
  return existsSync('/dev/nvidiactl');
}
