/** From the campaign's settings to the trainer's options. */
import { existsSync } from 'node:fs';
import type { CampaignConfig, OptimizerConfig, WarmUpConfig } from '../config/campaign.ts';
import { METHODS } from '../methods/methods.ts';
import type { OptimizerOptions, TrainOptions } from '../trainer/types.ts';

/** Options of an iteration's M-step. */
export function iterationOptions(config: CampaignConfig, iteration: number): TrainOptions {
  const { train, sampling, method, seed } = config;
  return {
    ...common(config),
    ...METHODS[method].objective(train),
    clip: train.clip,
    temperature: sampling.temperature,
    epochs: train.epochs,
    queriesPerUpdate: train.queriesPerUpdate,
    optimizer: optimizerOptions(train.optimizer),
    seed: seed * 1000 + iteration,
  };
}

/** SFT on both forms of every demonstration, the prefix included: so the model learns to write either. */
export function warmUpOptions(config: CampaignConfig, warmUp: WarmUpConfig): TrainOptions {
  return {
    ...common(config),
    objective: 'cross-entropy',
    decisionWeight: 0,
    clip: config.train.clip,
    temperature: 1,
    epochs: warmUp.epochs,
    tokensPerUpdate: warmUp.tokensPerUpdate,
    ...(warmUp.maxUpdates === undefined ? {} : { maxUpdates: warmUp.maxUpdates }),
    optimizer: optimizerOptions(warmUp.optimizer),
    seed: warmUp.seed,
  };
}

// As heavy as in an M-step: the decision moves within the few updates of a skew while the text keeps both forms fluent.
const SKEW_DECISION_WEIGHT = 2;

/** The same text, and every query's decision target at the wanted p(code). */
export function skewOptions(config: CampaignConfig, warmUp: WarmUpConfig): TrainOptions {
  return {
    ...warmUpOptions(config, warmUp),
    decisionWeight: SKEW_DECISION_WEIGHT,
    maxUpdates: warmUp.skewUpdates,
    optimizer: optimizerOptions(config.train.optimizer),
  };
}

function common({ train }: CampaignConfig) {
  return {
    tokensPerPass: train.tokensPerPass,
    precision: train.precision === 'auto' ? (hasGpu() ? ('bf16' as const) : ('fp32' as const)) : train.precision,
    gradientCheckpointing: train.gradientCheckpointing,
    ...(train.threads === undefined ? {} : { threads: train.threads }),
  };
}

/**
 * Whether the NVIDIA driver's device file is there, which is what `precision: auto` goes by. The trainer itself takes the
 * GPU by `torch.cuda.is_available()`: where the two differ (a torch without CUDA, a driver in WSL) `auto` is bf16 on the
 * CPU or fp32 on the GPU, slower but not wrong; say the precision in the campaign file there.
 */
function hasGpu(): boolean {
  return existsSync('/dev/nvidiactl');
}

function optimizerOptions(optimizer: OptimizerConfig): OptimizerOptions {
  const { muonLearningRate, ...rest } = optimizer;
  return muonLearningRate === undefined ? rest : { ...rest, muonLearningRate };
}
