/**
 * Rotary position embeddings (arXiv 2104.09864) and the ways in which published models stretch them:
 * linear, llama3 and yarn (arXiv 2309.00071). Rounded to fp32 where transformers does, so that angles agree.
 */
import { isObject, type JsonObject, ModelFolderError } from './model-files.ts';

export const ROPE_TYPES = ['default', 'linear', 'llama3', 'yarn'] as const;

export interface RopeConfig {
  readonly type: (typeof ROPE_TYPES)[number];
  /** headDim / 2 angles per position, fp32. */
  readonly inverseFrequencies: Float32Array;
  /** Factor on cos and sin (yarn); 1 otherwise. */
  readonly attentionFactor: number;
}

/** `rope_parameters` (transformers 5) or `rope_theta` with `rope_scaling` (before). */
export function readRopeConfig(
  json: JsonObject,
  file: string,
  model: { headDim: number; maxPositions: number },
): RopeConfig {
  const given = json.rope_parameters ?? json.rope_scaling;
  const parameters: JsonObject = isObject(given) ? given : {};
  const number = (name: string, fallback?: number): number => {
    const value = parameters[name] ?? fallback;
    if (typeof value !== 'number' || !(value > 0))
      throw new ModelFolderError(
        `${file}: RoPE parameter ${name} is ${JSON.stringify(value)}; it has to be a positive number`,
      );
    return value;
  };
  const named = parameters.rope_type ?? parameters.type ?? 'default';
  const type = ROPE_TYPES.find((name) => name === named);
  if (type === undefined)
    throw new ModelFolderError(
      `${file}: RoPE type ${JSON.stringify(named)} is not supported by the sampler; it computes ${ROPE_TYPES.join(', ')}`,
    );
  const theta = number('rope_theta', typeof json.rope_theta === 'number' ? json.rope_theta : 10_000);
  const half = model.headDim / 2;
  const plain = Float32Array.from({ length: half }, (_, i) => 1 / Math.fround(theta ** ((2 * i) / model.headDim)));
  switch (type) {
    case 'default':
      return { type, inverseFrequencies: plain, attentionFactor: 1 };
    case 'linear': {
      const factor = number('factor');
      return { type, inverseFrequencies: plain.map((frequency) => frequency / factor), attentionFactor: 1 };
    }
    case 'llama3': {
      const stretch = stretchLlama3({
        factor: number('factor'),
        lowFactor: number('low_freq_factor'),
        highFactor: number('high_freq_factor'),
        originalPositions: number('original_max_position_embeddings'),
      });
      return { type, inverseFrequencies: plain.map(stretch), attentionFactor: 1 };
    }
    case 'yarn': {
      const originalPositions = number('original_max_position_embeddings', model.maxPositions);
      const factor = number('factor', model.maxPositions / originalPositions);
      for (const name of ['mscale', 'mscale_all_dim'])
        if (parameters[name] !== undefined && parameters[name] !== null)
          throw new ModelFolderError(`${file}: RoPE parameter ${name} is not supported by the sampler; leave it out`);
      const ramp = yarnRamp({
        theta,
        headDim: model.headDim,
        originalPositions,
        betaFast: number('beta_fast', 32),
        betaSlow: number('beta_slow', 1),
        truncate: parameters.truncate !== false,
      });
      return {
        type,
        inverseFrequencies: plain.map((frequency, i) => (frequency / factor) * ramp(i) + frequency * (1 - ramp(i))),
        attentionFactor: number('attention_factor', factor <= 1 ? 1 : 0.1 * Math.log(factor) + 1),
      };
    }
  }
}

function stretchLlama3(options: {
  factor: number;
  lowFactor: number;
  highFactor: number;
  originalPositions: number;
}): (frequency: number) => number {
  const { factor, lowFactor, highFactor, originalPositions } = options;
  return (frequency) => {
    const wavelength = (2 * Math.PI) / frequency;
    if (wavelength < originalPositions / highFactor) return frequency;
    if (wavelength > originalPositions / lowFactor) return frequency / factor;
    const smooth = (originalPositions / wavelength - lowFactor) / (highFactor - lowFactor);
    return ((1 - smooth) * frequency) / factor + smooth * frequency;
  };
}

/** 0 where a frequency stays as it is, 1 where it is divided by the factor, linear between. */
function yarnRamp(options: {
  theta: number;
  headDim: number;
  originalPositions: number;
  betaFast: number;
  betaSlow: number;
  truncate: boolean;
}): (index: number) => number {
  const { theta, headDim, originalPositions, betaFast, betaSlow, truncate } = options;
  const indexOfRotations = (rotations: number): number =>
    (headDim * Math.log(originalPositions / (rotations * 2 * Math.PI))) / (2 * Math.log(theta));
  const low = Math.max(truncate ? Math.floor(indexOfRotations(betaFast)) : indexOfRotations(betaFast), 0);
  const highest = truncate ? Math.ceil(indexOfRotations(betaSlow)) : indexOfRotations(betaSlow);
  const high = Math.min(highest, headDim - 1);
  return (index) => Math.min(1, Math.max(0, (index - low) / (high === low ? 0.001 : high - low)));
}

/** cos and sin of every position up to `positions`, each `[positions, headDim / 2]`. */
export function ropeTables(rope: RopeConfig, positions: number): { cos: Float32Array; sin: Float32Array } {
  const half = rope.inverseFrequencies.length;
  const cos = new Float32Array(positions * half);
  const sin = new Float32Array(positions * half);
  for (let position = 0; position < positions; position++)
    for (const [i, frequency] of rope.inverseFrequencies.entries()) {
      const angle = Math.fround(position * frequency);
      cos[position * half + i] = Math.cos(angle) * rope.attentionFactor;
      sin[position * half + i] = Math.sin(angle) * rope.attentionFactor;
    }
  return { cos, sin };
}
