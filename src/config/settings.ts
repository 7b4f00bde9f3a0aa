/** Parses settings by name, as people type them (`train.optimizer.learningRate=1e-4`), and changes a campaign by them. */

import { parse as parseYaml } from 'yaml';
import { canonicalJson } from '../formats/canonical-json.ts';
import { type CampaignConfig, campaignSchema } from './campaign.ts';
import { ConfigError } from './config-error.ts';
import { hideSecrets } from './hide-secrets.ts';
import { campaignJsonSchema, describeIssues } from './load.ts';
import { nearestName } from './nearest-name.ts';
import { currentName } from './renamed-settings.ts';
import { SETTING_ALIASES } from './setting-aliases.ts';

/** Values by full path, e.g. `{'strategy.alpha': 4}`; null removes an optional setting. */
export type Settings = Readonly<Record<string, unknown>>;

/** One setting before and after; absent = not set. */
export interface SettingChange {
  readonly setting: string;
  readonly from?: unknown;
  readonly to?: unknown;
}

export type SettingStage = 'sample' | 'curate' | 'train';

/** Sections that may change in mid-campaign, by the first stage that they affect; a shard's plan holds the limits. */
const CHANGEABLE: readonly (readonly [section: string, stage: SettingStage])[] = [
  ['problemsPerIteration', 'sample'],
  ['sampling', 'sample'],
  ['execution', 'sample'],
  // Before its section: a shard's plan says whether violations are graded.
  ['strategy.violations', 'sample'],
  ['strategy', 'curate'],
  // The anchor reads rollouts that the training set has only with it.
  ['train.klWeight', 'curate'],
  ['train', 'train'],
  ['failures', 'train'],
  ['checkpoints', 'train'],
];

const FIXED = "is what the campaign is made of and can't change; start or fork another campaign";

interface SchemaNode {
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly type?: string;
  /** Of a tuple, which is a value. */
  readonly prefixItems?: unknown;
}

/** Full paths of all settings that are values, not sections or lists. */
function leafPaths(node: SchemaNode, path = ''): string[] {
  if (node.properties === undefined)
    return path === '' || (node.type === 'array' && node.prefixItems === undefined) ? [] : [path];
  return Object.entries(node.properties).flatMap(([name, child]) =>
    leafPaths(child, path === '' ? name : `${path}.${name}`),
  );
}

/** Paths of all settings that are values; a fork may change any of them. */
export const ALL_SETTINGS: readonly string[] = leafPaths(campaignJsonSchema() as SchemaNode);
const isIn = (section: string, path: string): boolean => path === section || path.startsWith(`${section}.`);

/** Paths that may change in mid-campaign. */
export const CHANGEABLE_PATHS: readonly string[] = ALL_SETTINGS.filter((path) =>
  CHANGEABLE.some(([section]) => isIn(section, path)),
);

/** The first stage that reads the setting; undefined for a setting that may not change in mid-campaign. */
export const stageOfSetting = (path: string): SettingStage | undefined =>
  CHANGEABLE.find(([section]) => isIn(section, path))?.[1];

/**
 * Resolves a name to its full path. A name is a full path, an alias (`k`), or the last part of exactly one path (`alpha`).
 *
 * @throws ConfigError that names the nearest setting, or the reason why the setting can't change
 */
export function resolveSetting(given: string, allowed: readonly string[] = CHANGEABLE_PATHS, whyNot = FIXED): string {
  const name = currentName(given);
  if (allowed.includes(name)) return name;
  const short = (path: string): string => path.slice(path.lastIndexOf('.') + 1);
  const named = [
    ...(SETTING_ALIASES[name] === undefined ? [] : [SETTING_ALIASES[name]]),
    ...allowed.filter((p) => short(p) === name),
  ];
  const found = named.find((path) => allowed.includes(path));
  const isAlias = found !== undefined && SETTING_ALIASES[name] === found;
  if (found !== undefined && (isAlias || named.length === 1)) return found;
  if (named.length > 1) throw new ConfigError(`${name} could be ${named.join(' or ')}; give the whole name`);
  const meant = SETTING_ALIASES[name];
  if (meant !== undefined && meant !== name)
    throw new ConfigError(`${name} (${meant}) ${whyNot}. Allowed are ${sectionsOf(allowed)}`);
  const [section = name] = name.split('.');
  const isKnown = ALL_SETTINGS.includes(name) || !allowed.some((path) => isIn(section, path));
  if (Object.hasOwn(campaignSchema.shape, section) && isKnown)
    throw new ConfigError(`${name} ${whyNot}. Allowed are ${sectionsOf(allowed)}`);
  const aliases = Object.keys(SETTING_ALIASES).filter((alias) => allowed.includes(SETTING_ALIASES[alias] ?? ''));
  const nearest = nearestName(name, [...allowed, ...allowed.map(short), ...aliases, ...ALL_SETTINGS]);
  const hint = nearest === undefined ? `allowed are ${sectionsOf(allowed)}` : `did you mean ${nearest}?`;
  throw new ConfigError(`${name} is not a setting; ${hint}`);
}

/** Names a section if all of its settings are allowed, otherwise single settings. */
function sectionsOf(paths: readonly string[]): string {
  const nameOf = (path: string): string => {
    const [section = path] = path.split('.');
    const whole = ALL_SETTINGS.filter((other) => isIn(section, other));
    return path !== section && whole.every((other) => paths.includes(other)) ? `${section}.*` : path;
  };
  return [...new Set(paths.map(nameOf))].join(', ');
}

/** Parses `KEY=VALUE` texts; values are YAML scalars (`4`, `1e-4`, `true`, `paper`, `null`). `resolve` maps a name to its path. @throws ConfigError */
export function parseSettings(texts: readonly string[], resolve: (name: string) => string = resolveSetting): Settings {
  const settings: Record<string, unknown> = {};
  for (const text of texts) {
    const at = text.indexOf('=');
    if (at < 1) throw new ConfigError(`"${text}" is not KEY=VALUE, e.g. train.optimizer.learningRate=1e-4`);
    const path = resolve(text.slice(0, at).trim());
    if (Object.hasOwn(settings, path)) throw new ConfigError(`${path} is given twice`);
    settings[path] = parseValue(text.slice(at + 1).trim());
  }
  return settings;
}

function parseValue(text: string): unknown {
  try {
    return parseYaml(text) ?? null;
  } catch {
    return text;
  }
}

/** The configuration with the settings changed, validated completely. @throws ConfigError that lists every error */
export function applySettings(
  config: CampaignConfig,
  settings: Settings,
  allowed: readonly string[] = CHANGEABLE_PATHS,
): CampaignConfig {
  const changed = structuredClone(config) as Record<string, unknown>;
  for (const [name, value] of Object.entries(settings)) setAt(changed, resolveSetting(name, allowed).split('.'), value);
  const parsed = campaignSchema.safeParse(changed);
  if (parsed.success) return parsed.data;
  throw new ConfigError(describeIssues(parsed.error).join('\n'));
}

function setAt(target: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [name = '', ...rest] = path;
  if (rest.length > 0) {
    target[name] ??= {};
    setAt(target[name] as Record<string, unknown>, rest, value);
  } else if (value === null) delete target[name];
  else target[name] = value;
}

const PINNED = 'pinned' satisfies keyof CampaignConfig;

/** Every setting in which two configurations differ, by path; lists count as one value. What the start pins is no setting. */
export function compareSettings(left: unknown, right: unknown, path = ''): SettingChange[] {
  // Compares by value: the order of keys has no meaning.
  if (isEqualValue(left, right)) return [];
  if (!isSection(left) || !isSection(right)) {
    const given = {
      ...(left === undefined ? {} : { from: hideSecrets(left, path) }),
      ...(right === undefined ? {} : { to: hideSecrets(right, path) }),
    };
    return [{ setting: path, ...given }];
  }
  const names = [...new Set([...Object.keys(left), ...Object.keys(right)])];
  return names.flatMap((name) =>
    path === '' && name === PINNED
      ? []
      : compareSettings(left[name], right[name], path === '' ? name : `${path}.${name}`),
  );
}

const isEqualValue = (left: unknown, right: unknown): boolean =>
  left === right || (left !== undefined && right !== undefined && canonicalJson(left) === canonicalJson(right));

const isSection = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
