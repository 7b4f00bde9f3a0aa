/** Puts campaigns that differ in name and seeds only into groups. */
import { canonicalJson } from '../formats/canonical-json.ts';
import type { ReportCampaign, ReportGroup } from './report.ts';

export interface ConfiguredCampaign {
  readonly campaign: ReportCampaign;
  readonly config: unknown;
}

/** In order of the first campaign of each group. */
export function groupCampaigns(campaigns: readonly ConfiguredCampaign[]): ReportGroup[] {
  const groups = new Map<string, { readonly settings: unknown; readonly campaigns: ReportCampaign[] }>();
  for (const { campaign, config } of campaigns) {
    const settings = withoutSeeds(config);
    const key = canonicalJson(settings);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { settings, campaigns: [campaign] });
    else group.campaigns.push(campaign);
  }
  return [...groups.values()].map(({ settings, campaigns: own }) => ({
    name: nameOf(own.map(({ id }) => id)),
    settings,
    campaigns: own.sort((a, b) => a.seed - b.seed || a.id.localeCompare(b.id)),
  }));
}

/** The seed of the SFT stage is a seed too: campaigns from warm starts of their own are one group. */
function withoutSeeds(config: unknown): unknown {
  if (!isSection(config)) return config;
  const { name: _, seed: __, ...settings } = config;
  if (!isSection(settings.sft)) return settings;
  const { seed: ___, ...sft } = settings.sft;
  return { ...settings, sft };
}

const isSection = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What the names begin with. @example nameOf(['rl-1', 'rl-2']); // 'rl' */
function nameOf([first = '', ...others]: readonly string[]): string {
  if (others.length === 0) return first;
  let length = first.length;
  while (!others.every((other) => other.startsWith(first.slice(0, length)))) length -= 1;
  return first.slice(0, length).replace(/[^a-z0-9]+$/, '') || first;
}

/** Settings by full path that are not the same in all groups: a value a group, undefined where it has none. */
export function differingSettings(
  groups: readonly ReportGroup[],
): { readonly path: string; readonly values: readonly unknown[] }[] {
  const flat = groups.map(({ settings }) => new Map(leavesOf(settings)));
  const paths = [...new Set(flat.flatMap((leaves) => [...leaves.keys()]))];
  return paths
    .map((path) => ({ path, values: flat.map((leaves) => leaves.get(path)) }))
    .filter(({ values }) => new Set(values.map((value) => JSON.stringify(value))).size > 1);
}

function leavesOf(value: unknown, path = ''): [string, unknown][] {
  if (!isSection(value)) return [[path, value]];
  return Object.entries(value).flatMap(([name, field]) => leavesOf(field, path === '' ? name : `${path}.${name}`));
}
