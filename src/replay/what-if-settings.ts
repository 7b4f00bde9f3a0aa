/** The settings of a what-if on stored rollouts: another strategy, fewer samples, other grading conventions, filters. */

import { z } from 'zod';
import type { CampaignConfig } from '../config/campaign.ts';
import { ConfigError } from '../config/config-error.ts';
import { describeIssues } from '../config/load.ts';
import { applySettings, CHANGEABLE_PATHS, resolveSetting, type Settings, stageOfSetting } from '../config/settings.ts';
import { conventionFields, type GradeOptions } from '../grader/options.ts';
import { METHODS } from '../methods/methods.ts';
import type { RolloutFilters } from '../methods/what-if.ts';

export const graderSchema = conventionFields;

const filterSchema = z.strictObject({
  maxTokens: z.int().min(1),
  problem: z.string().min(1),
});

const whatIfSchema = z.strictObject({ grader: graderSchema, filter: filterSchema.partial() });

const SAMPLES = 'sampling.samplesPerArm';
/** Read by an earlier stage, but stored rollouts can be cut to fewer samples, and violations graded from their texts. */
const RECOMPUTED: readonly string[] = [SAMPLES, 'strategy.violations'];

const WHAT_IF_PATHS: readonly string[] = [
  ...CHANGEABLE_PATHS.filter((path) => stageOfSetting(path) === 'curate' || RECOMPUTED.includes(path)),
  ...Object.keys(graderSchema.shape).map((name) => `grader.${name}`),
  ...Object.keys(filterSchema.shape).map((name) => `filter.${name}`),
];

/** As `resolveSetting`, for what can be computed from stored rollouts. */
export const resolveWhatIfSetting = (name: string): string =>
  resolveSetting(name, WHAT_IF_PATHS, "can't be recomputed from stored rollouts");

export interface WhatIfSettings {
  /** The campaign's configuration with the what-if's settings. */
  readonly config: CampaignConfig;
  readonly filters: RolloutFilters;
  /** Conventions of grading. */
  readonly grader: Partial<GradeOptions>;
  /** Whether stored grades are made again, because the conventions differ from theirs. */
  readonly regrades: boolean;
}

/** Checks the settings against the configuration of the iteration. @throws ConfigError */
export function resolveWhatIf(config: CampaignConfig, settings: Settings): WhatIfSettings {
  const curation: Record<string, unknown> = {};
  const others: Record<'grader' | 'filter', Record<string, unknown>> = { grader: {}, filter: {} };
  for (const [name, value] of Object.entries(settings)) {
    const path = resolveWhatIfSetting(name);
    const [section, key = ''] = path.split('.');
    if (section === 'grader' || section === 'filter') others[section][key] = value;
    else curation[path] = value;
  }
  const drawn = config.sampling.samplesPerArm;
  const changed = applySettings(config, curation);
  if (changed.sampling.samplesPerArm > drawn)
    throw new ConfigError(`${SAMPLES}: the iteration drew ${drawn} an arm, so what-if can take at most as many`);
  const parsed = whatIfSchema.safeParse(others);
  if (!parsed.success) throw new ConfigError(describeIssues(parsed.error).join('\n'));
  const { maxTokens, problem } = parsed.data.filter;
  const arms = METHODS[config.method].arms(changed.sampling.samplesPerArm, changed.sampling.autoSamples);
  const asked = Object.entries(parsed.data.grader).filter(([, value]) => value !== undefined);
  return {
    config: changed,
    filters: {
      samplesByArm: Object.fromEntries(arms.map(({ arm, samples }) => [arm, samples])),
      ...(maxTokens === undefined ? {} : { maxTokens }),
      ...(problem === undefined ? {} : { problem }),
    },
    // The given conventions override those of the campaign.
    grader: { ...config.grading, ...Object.fromEntries(asked) },
    regrades: asked.length > 0,
  };
}
