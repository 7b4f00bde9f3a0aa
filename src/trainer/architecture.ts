/** The model description for the PyTorch program: the configuration that the sampler runs, as part of the job file. */
import { checkpointTensors } from '../models/checkpoint-tensors.ts';
import { isKnownFamily, type ModelConfig, parseModelConfig } from '../models/model-config.ts';
import { type JsonObject, readOptionalJson } from '../models/model-files.ts';
import { readModel } from '../models/read-model.ts';
import type { RopeConfig } from '../models/rope.ts';
import type { TrainerJob } from './job.ts';

export interface Architecture {
  readonly family: string;
  readonly layers: number;
  readonly headDim: number;
  readonly tiedHead: boolean;
  readonly rmsNormEpsilon: number;
  readonly rope: RopeConfig;
  /** Shape of each tensor of the model, matrices as `[out, in]`. Other tensors of a file are ignored. */
  readonly tensors: Readonly<Record<string, readonly number[]>>;
  /** Names of the tensors to read, by weight file; empty for a model that is created. */
  readonly files: Readonly<Record<string, readonly string[]>>;
}

export function describeArchitecture(config: ModelConfig, files: Architecture['files'] = {}): Architecture {
  const { family, layers, headDim, tiedHead, rmsNormEpsilon, rope } = config;
  const tensors = Object.fromEntries(checkpointTensors(config));
  return { family, layers, headDim, tiedHead, rmsNormEpsilon, rope, tensors, files };
}

/**
 * The job with its model's architecture, or without one for a family that only transformers supports.
 * @throws ModelFolderError or SafetensorsError for a folder that can't be trained from
 */
export async function withArchitecture(
  job: TrainerJob,
): Promise<TrainerJob & { readonly architecture?: Architecture }> {
  switch (job.kind) {
    case 'create-model':
      return { ...job, architecture: describeArchitecture(parseModelConfig(job.config, 'the new model')) };
    case 'probe':
    case 'train': {
      const json: JsonObject | undefined = await readOptionalJson(job.modelDirectory, 'config.json');
      if (json === undefined || !isKnownFamily(json)) return job;
      const { config, files } = await readModel(job.modelDirectory);
      return { ...job, architecture: describeArchitecture(config, files) };
    }
  }
}
