/**
 * RoPE settings from every place where a config.json may hold them, resolved as transformers 5 does: `rope_scaling`
 * replaces `rope_parameters`, both take `rope_theta` of the top level where they name none, and
 * `original_max_position_embeddings` of the top level goes before theirs.
 */
import { shownJson } from '../formats/shown.ts';
import { isObject, type JsonObject, ModelFolderError } from './model-files.ts';

const ROPE_TYPES = ['default', 'linear', 'llama3', 'yarn'] as const;

const DEFAULT_THETA = 10_000;

/** How the plain frequencies are stretched. */
export type RopeSettings = { readonly theta: number } & (
  | { readonly type: 'default' }
  | { readonly type: 'linear'; readonly factor: number }
  | {
      readonly type: 'llama3';
      readonly factor: number;
      readonly lowFactor: number;
      readonly highFactor: number;
      readonly originalPositions: number;
    }
  | {
      readonly type: 'yarn';
      readonly factor: number;
      readonly originalPositions: number;
      readonly betaFast: number;
      readonly betaSlow: number;
      readonly truncate: boolean;
      readonly attentionFactor: number;
    }
);

/** Throws ModelFolderError that names the setting for what transformers would not take, or what isn't computed here. */
export function readRopeSettings(config: JsonObject, file: string, maxPositions: number): RopeSettings {
  const complain = (what: string): ModelFolderError => new ModelFolderError(`${file}: ${what}`);
  const { place, settings } = chooseSettings(config, complain);
  const number = (name: string, value: unknown, found = place): number => {
    if (typeof value !== 'number' || !(value > 0) || !Number.isFinite(value))
      throw complain(`${name} of ${found} is ${shownJson(value)}; it has to be a positive number`);
    return value;
  };
  const given = (name: string): number => number(name, settings[name]);
  const theta = chooseTheta(config, settings, number);
  refuseLostTheta(config, place, theta, complain);
  refusePartialRotation(config, settings, complain);

  const named = settings.rope_type === undefined ? (settings.type ?? 'default') : settings.rope_type;
  const type = ROPE_TYPES.find((name) => name === named);
  if (type === undefined)
    throw complain(`RoPE type ${shownJson(named)} of ${place} is not supported; known are ${ROPE_TYPES.join(', ')}`);
  const originalPositions = (): number => {
    const name = 'original_max_position_embeddings';
    if (name in config) return number(name, config[name], 'the top level');
    return name in settings ? given(name) : maxPositions;
  };
  switch (type) {
    case 'default':
      return { type, theta };
    case 'linear':
      return { type, theta, factor: given('factor') };
    case 'llama3':
      return {
        type,
        theta,
        factor: given('factor'),
        lowFactor: given('low_freq_factor'),
        highFactor: given('high_freq_factor'),
        originalPositions: originalPositions(),
      };
    case 'yarn': {
      const original = originalPositions();
      const factor = settings.factor === null ? maxPositions / original : given('factor');
      const { truncate = true } = settings;
      if (typeof truncate !== 'boolean')
        throw complain(`truncate of ${place} is ${shownJson(truncate)}; it has to be true or false`);
      return {
        type,
        theta,
        factor,
        originalPositions: original,
        betaFast: settings.beta_fast ? given('beta_fast') : 32,
        betaSlow: settings.beta_slow ? given('beta_slow') : 1,
        truncate,
        attentionFactor: yarnAttentionFactor(settings, factor, given),
      };
    }
  }
}

type Complaint = (what: string) => ModelFolderError;

/** The one object that counts. */
function chooseSettings(config: JsonObject, complain: Complaint): { place: string; settings: JsonObject } {
  for (const place of ['rope_scaling', 'rope_parameters'] as const) {
    const value = config[place];
    if (value === undefined || value === null) continue;
    if (!isObject(value))
      throw complain(`${place} is ${shownJson(value)}; it has to be an object of RoPE settings, or null`);
    const nested = Object.entries(value).find(([, item]) => isObject(item))?.[0];
    if (nested !== undefined)
      throw complain(
        `${place} has settings of its own for ${nested}; RoPE by layer type is not supported, all layers need the same settings`,
      );
    if (Object.keys(value).length > 0) return { place, settings: value };
  }
  return { place: 'rope_parameters', settings: {} };
}

type ReadNumber = (name: string, value: unknown, found?: string) => number;

function chooseTheta(config: JsonObject, settings: JsonObject, number: ReadNumber): number {
  if ('rope_theta' in settings) return number('rope_theta', settings.rope_theta);
  if ('rope_theta' in config) return number('rope_theta', config.rope_theta, 'the top level');
  return DEFAULT_THETA;
}

/** transformers drops the theta of `rope_parameters` here without a word: surely not what the model was trained with. */
function refuseLostTheta(config: JsonObject, place: string, theta: number, complain: Complaint): void {
  const other = isObject(config.rope_parameters) ? config.rope_parameters.rope_theta : undefined;
  if (place === 'rope_scaling' && typeof other === 'number' && other !== theta)
    throw complain(
      `rope_scaling replaces rope_parameters, whose rope_theta ${other} would be lost (${theta} would be taken); write rope_theta into rope_scaling, and leave rope_parameters out`,
    );
}

function refusePartialRotation(config: JsonObject, settings: JsonObject, complain: Complaint): void {
  for (const partial of [config.partial_rotary_factor, settings.partial_rotary_factor])
    if (partial !== undefined && partial !== null && partial !== 1)
      throw complain(`partial_rotary_factor ${shownJson(partial)} is not supported; it has to be 1`);
}

/** Factor on cos and sin. The two mscale settings (DeepSeek) count only together. */
function yarnAttentionFactor(settings: JsonObject, factor: number, given: (name: string) => number): number {
  if (settings.attention_factor !== undefined && settings.attention_factor !== null) return given('attention_factor');
  const scale = (by: number): number => (factor <= 1 ? 1 : 0.1 * by * Math.log(factor) + 1);
  if (settings.mscale && settings.mscale_all_dim) return scale(given('mscale')) / scale(given('mscale_all_dim'));
  return scale(1);
}
