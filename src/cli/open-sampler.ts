/** Opens the sampler for a stand-alone command; what is wrong with a folder or a request is wrong use. */
import { Option } from 'commander';
import { type Environment, readEnvironment } from '../config/environment.ts';
import { SafetensorsError } from '../formats/safetensors.ts';
import { ModelFolderError } from '../models/model-files.ts';
import { SAMPLER_COMPUTES, type SamplerCompute } from '../models/weight-layout.ts';
import { SamplerCrashError, SamplerRequestError } from '../sampler/engine/errors.ts';
import { createOnnxSampler } from '../sampler/onnx-sampler.ts';
import { createServedSampler } from '../sampler/served/served-sampler.ts';
import type { Sampler } from '../sampler/types.ts';
import { CommandFailure, UsageError } from './exit.ts';
import { parseCount, parseHttpUrl } from './options.ts';

export const MODEL_OPTION = [
  '--model <folder>',
  'model folder: config.json, model.safetensors, tokenizer.json',
] as const;
export const THREADS_OPTION = ['--threads <n>', 'inference threads; default: one a core', parseCount] as const;

export const COMPUTE_OPTION = (): Option =>
  new Option(
    '--compute <kind>',
    'w8a8: products in 8-bit integers, faster; log-probs are then those of the rounded model',
  )
    .choices(SAMPLER_COMPUTES)
    .default('fp32');

/** Of a server that is there already; its own options say how it computes. */
export const SERVER_OPTION = (): Option =>
  new Option(
    '--server <url>',
    'the model is served there (vLLM); its log-probs are checked first; a key: WHENCODE_SAMPLER_API_KEY',
  )
    .argParser(parseHttpUrl)
    .conflicts(['compute', 'threads', 'topK', 'topP', 'minP']);

export interface SamplerOptions {
  readonly model: string;
  readonly compute?: SamplerCompute;
  readonly threads?: number;
  readonly server?: string;
}

export async function withSampler<T>(options: SamplerOptions, use: (sampler: Sampler) => Promise<T>): Promise<T> {
  const { model: modelDirectory, threads, compute = 'fp32', server } = options;
  try {
    const sampler =
      server === undefined
        ? await createOnnxSampler({ modelDirectory, compute, ...(threads === undefined ? {} : { threads }) })
        : await createServedSampler({ modelDirectory, url: server, ...apiKeyOf(readEnvironment()) });
    return await use(sampler).finally(() => sampler.close());
  } catch (error) {
    throw asUsageError(error);
  }
}

const apiKeyOf = ({ samplerApiKey: apiKey }: Environment) => (apiKey === undefined ? {} : { apiKey });

export function asUsageError(error: unknown): unknown {
  if (error instanceof SamplerCrashError) return new CommandFailure(error.message);
  const isWrongUse = [ModelFolderError, SafetensorsError, SamplerRequestError].some((kind) => error instanceof kind);
  return isWrongUse && error instanceof Error ? new UsageError(error.message) : error;
}
