/** Opens the sampler for a stand-alone command; what is wrong with a folder or a request is wrong use. */
import { InvalidArgumentError, Option } from 'commander';
import { SafetensorsError } from '../formats/safetensors.ts';
import { SamplerRequestError } from '../sampler/engine/errors.ts';
import { ModelFolderError } from '../sampler/model-files.ts';
import { createOnnxSampler } from '../sampler/onnx-sampler.ts';
import type { Sampler } from '../sampler/types.ts';
import { SAMPLER_COMPUTES, type SamplerCompute } from '../sampler/weight-layout.ts';
import { UsageError } from './exit.ts';

export const MODEL_OPTION = [
  '--model <folder>',
  'model folder: config.json, model.safetensors, tokenizer.json',
] as const;
export const THREADS_OPTION = ['--threads <n>', 'inference threads; default: one a core', wholeNumber] as const;

export const COMPUTE_OPTION = (): Option =>
  new Option(
    '--compute <kind>',
    'w8a8: products in 8-bit integers, faster; log-probs are then those of the rounded model',
  )
    .choices(SAMPLER_COMPUTES)
    .default('fp32');

export interface SamplerOptions {
  readonly model: string;
  readonly compute?: SamplerCompute;
  readonly threads?: number;
}

export async function withSampler<T>(options: SamplerOptions, use: (sampler: Sampler) => Promise<T>): Promise<T> {
  const { model: modelDirectory, threads, compute = 'fp32' } = options;
  try {
    const sampler = await createOnnxSampler({ modelDirectory, compute, ...(threads === undefined ? {} : { threads }) });
    return await use(sampler).finally(() => sampler.close());
  } catch (error) {
    throw asUsageError(error);
  }
}

export function asUsageError(error: unknown): unknown {
  const isWrongUse = [ModelFolderError, SafetensorsError, SamplerRequestError].some((kind) => error instanceof kind);
  return isWrongUse && error instanceof Error ? new UsageError(error.message) : error;
}

export function wholeNumber(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('a whole number from 1 on is needed');
  return Number(text);
}
