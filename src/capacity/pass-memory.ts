/** Lengths of a training's passes and the memory of each, from which the longest that fits is chosen. */
import type { ModelConfig } from '../models/model-config.ts';
import type { PassMemory, TrainOptions } from '../trainer/job.ts';
import { type TrainingPlan, totalOf, trainingMemory } from './training-memory.ts';

/** Longer ones are no faster. */
const PASS_TOKENS = [1024, 2048, 4096, 8192, 16_384, 32_768, 65_536] as const;
/** The formula may be 15 % low. */
const USED_SHARE = 0.85;

type FixedPlan = Omit<TrainingPlan, 'passTokens' | 'device'>;

/** @returns what has to be free for each length, in bytes, the shortest first */
export const passMemory = (model: ModelConfig, plan: FixedPlan): PassMemory =>
  PASS_TOKENS.map((tokens) => {
    const at = (device: TrainingPlan['device']) => trainingMemory(model, { ...plan, device, passTokens: tokens });
    return {
      tokens,
      gpuBytes: totalOf(at('gpu').gpu) / USED_SHARE,
      hostBytes: totalOf(at('cpu').host) / USED_SHARE,
    };
  });

/** The longest pass that fits a GPU, or the shortest there is. */
export function longestPass(model: ModelConfig, plan: FixedPlan, gpuBytes: number): number {
  const fitting = passMemory(model, plan).filter((pass) => pass.gpuBytes <= gpuBytes);
  return fitting.at(-1)?.tokens ?? PASS_TOKENS[0];
}

/** What the options say of memory, but the length of a pass. */
export const planOfOptions = (options: TrainOptions): FixedPlan => ({
  precision: options.precision,
  ...(options.lora === undefined ? {} : { lora: options.lora }),
  processes: options.gpus ?? 1,
  gradientCheckpointing: options.gradientCheckpointing,
  offload: options.offload === true,
  eightBit: options.optimizer.name === 'adamw-8bit',
  hasDecisions: options.decisionWeight !== 0,
  correctedTokens: 0,
});
