/** The decoder families that sampler and trainer compute, by `model_type` of config.json. A new one is a file and a line here. */
import type { ModelFamily } from './family.ts';
import { llama } from './llama.ts';
import { mistral } from './mistral.ts';
import { qwen2 } from './qwen2.ts';
import { qwen3 } from './qwen3.ts';

export const MODEL_FAMILIES = { llama, mistral, qwen2, qwen3 } as const satisfies Record<string, ModelFamily>;

export type ModelFamilyName = keyof typeof MODEL_FAMILIES;

export const MODEL_FAMILY_NAMES = Object.keys(MODEL_FAMILIES) as ModelFamilyName[];
