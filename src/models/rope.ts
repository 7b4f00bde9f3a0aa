/**
 * Rotary position embeddings (arXiv 2104.09864) and the ways in which published models stretch them:
 * linear, llama3 and yarn (arXiv 2309.00071). Rounded to fp32 where transformers does, so that angles agree.
 */
import type { RopeSettings } from './rope-settings.ts';

export interface RopeConfig {
  readonly theta: number;
  /** headDim / 2 numbers by which the plain frequencies, 1 / theta^(2i / headDim) in fp32, are divided; 1: not stretched. */
  readonly divisors: readonly number[];
  /** Factor on cos and sin (yarn); 1 otherwise. */
  readonly attentionFactor: number;
}

export function ropeConfig(settings: RopeSettings, headDim: number): RopeConfig {
  const { theta } = settings;
  const plain = plainFrequencies(theta, headDim);
  const divide = (by: (frequency: number, index: number) => number): readonly number[] => Array.from(plain, by);
  switch (settings.type) {
    case 'default':
      return { theta, divisors: divide(() => 1), attentionFactor: 1 };
    case 'linear':
      return { theta, divisors: divide(() => settings.factor), attentionFactor: 1 };
    case 'llama3':
      return { theta, divisors: divide(llama3Divisor(settings)), attentionFactor: 1 };
    case 'yarn':
      return { theta, divisors: divide(yarnDivisor(settings, headDim)), attentionFactor: settings.attentionFactor };
  }
}

function plainFrequencies(theta: number, headDim: number): Float32Array {
  return Float32Array.from({ length: headDim / 2 }, (_, i) => 1 / Math.fround(theta ** ((2 * i) / headDim)));
}

/** By wavelength: short ones stay, long ones are divided by the factor, between them the frequency is interpolated. */
function llama3Divisor(settings: RopeSettings & { type: 'llama3' }): (frequency: number) => number {
  const { factor, lowFactor, highFactor, originalPositions } = settings;
  return (frequency) => {
    const wavelength = (2 * Math.PI) / frequency;
    if (wavelength < originalPositions / highFactor) return 1;
    if (wavelength > originalPositions / lowFactor) return factor;
    const smooth = (originalPositions / wavelength - lowFactor) / (highFactor - lowFactor);
    return 1 / ((1 - smooth) / factor + smooth);
  };
}

/** By index: frequencies that turn often in the original context stay, slow ones are divided, linear between. */
function yarnDivisor(
  settings: RopeSettings & { type: 'yarn' },
  headDim: number,
): (frequency: number, index: number) => number {
  const { theta, factor, originalPositions, betaFast, betaSlow, truncate } = settings;
  const indexOfRotations = (rotations: number): number =>
    (headDim * Math.log(originalPositions / (rotations * 2 * Math.PI))) / (2 * Math.log(theta));
  const low = Math.max(truncate ? Math.floor(indexOfRotations(betaFast)) : indexOfRotations(betaFast), 0);
  const highest = truncate ? Math.ceil(indexOfRotations(betaSlow)) : indexOfRotations(betaSlow);
  const high = Math.min(highest, headDim - 1);
  return (_, index) => {
    const ramp = Math.min(1, Math.max(0, (index - low) / (high === low ? 0.001 : high - low)));
    return 1 / (ramp / factor + 1 - ramp);
  };
}

/** cos and sin of every position up to `positions`, each `[positions, headDim / 2]`. */
export function ropeTables(rope: RopeConfig, positions: number): { cos: Float32Array; sin: Float32Array } {
  const half = rope.divisors.length;
  const frequencies = plainFrequencies(rope.theta, 2 * half).map((frequency, i) => frequency / (rope.divisors[i] ?? 1));
  const cos = new Float32Array(positions * half);
  const sin = new Float32Array(positions * half);
  for (let position = 0; position < positions; position++)
    for (const [i, frequency] of frequencies.entries()) {
      const angle = Math.fround(position * frequency);
      cos[position * half + i] = Math.cos(angle) * rope.attentionFactor;
      sin[position * half + i] = Math.sin(angle) * rope.attentionFactor;
    }
  return { cos, sin };
}
