import { expect, it } from 'vitest';
import { differingSettings, groupCampaigns } from '../../../src/reports/group-campaigns.ts';
import { campaignOf } from './reports.ts';

const configured = (id: string, seed: number, settings: object) => ({
  campaign: campaignOf(id, seed, [0.5]),
  config: { name: id, seed, ...settings },
});

it('puts campaigns that differ in name and seeds only into one group, by seed', () => {
  const groups = groupCampaigns([
    configured('em-p5-2', 2, { method: 'em', sft: { problems: 8, seed: 2 } }),
    configured('rl-1', 1, { method: 'rl', sft: { problems: 8, seed: 1 } }),
    configured('em-p5-1', 1, { method: 'em', sft: { problems: 8, seed: 1 } }),
  ]);
  expect(groups.map(({ name, campaigns }) => [name, campaigns.map(({ id }) => id)])).toEqual([
    ['em-p5', ['em-p5-1', 'em-p5-2']],
    ['rl-1', ['rl-1']],
  ]);
  expect(groups[0]?.settings).toEqual({ method: 'em', sft: { problems: 8 } });
});

it('keeps campaigns with another setting apart, and says which', () => {
  const groups = groupCampaigns([
    configured('a', 1, { train: { klWeight: 0, epochs: 3 } }),
    configured('b', 1, { train: { klWeight: 8, epochs: 3 }, problems: [{ from: 'x' }] }),
  ]);
  expect(differingSettings(groups)).toEqual([
    { path: 'train.klWeight', values: [0, 8] },
    { path: 'problems', values: [undefined, [{ from: 'x' }]] },
  ]);
});
