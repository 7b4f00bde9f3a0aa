import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { campaignSchema } from '../../../src/config/campaign.ts';
import { currentName, readStoredSettings, renameSettings } from '../../../src/config/renamed-settings.ts';

const old = {
  name: 'mine',
  warmUp: { tokensPerUpdate: 700, optimizer: { warmUpSteps: 3, gradientClip: 2 } },
  train: { queriesPerUpdate: 8, tokensPerPass: 900, probeTolerance: 0.1, optimizer: { warmUpSteps: 5 }, epochs: 2 },
};
const now = {
  name: 'mine',
  sft: { batchTokens: 700, optimizer: { warmupSteps: 3, maxGradNorm: 2 } },
  train: { batchSize: 8, microBatchTokens: 900, ratioTolerance: 0.1, optimizer: { warmupSteps: 5 }, epochs: 2 },
};

describe('stored settings', () => {
  it('keep the absence of the KL anchor, which a file without it has by default today', () => {
    expect(readStoredSettings(old)).toEqual({ ...now, train: { ...now.train, klWeight: 0 } });
    const anchored = { ...now, train: { ...now.train, klWeight: 4 } };
    expect(readStoredSettings(anchored)).toEqual(anchored);
    expect(campaignSchema.shape.train.parse({}).klWeight).toBe(8);
  });

  it('keep leaving out what broke its arm’s rule, which is graded by default today', () => {
    const stored = { ...now, strategy: { name: 'energy' } };
    expect(readStoredSettings(stored)).toMatchObject({ strategy: { name: 'energy', violations: 'left-out' } });
    const graded = { ...stored, strategy: { violations: 'graded' } };
    expect(readStoredSettings(graded)).toMatchObject({ strategy: { violations: 'graded' } });
    expect(campaignSchema.shape.strategy.parse({}).violations).toBe('graded');
  });
});

describe('settings under their old names', () => {
  it('are read under today’s, each with a line that names both', () => {
    const { settings, notes } = renameSettings(old);
    expect(settings).toEqual(now);
    expect(notes).toHaveLength(8);
    expect(notes).toContain(
      'train.queriesPerUpdate is called train.batchSize since version 0.2; the old name works until the next version',
    );
  });

  it('are left alone under today’s names, whatever else there is', () => {
    expect(renameSettings(now)).toEqual({ settings: now, notes: [] });
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(renameSettings(value).settings).toEqual(value);
      }),
    );
  });

  it('stay where the new name is given too, so that the schema refuses the old one', () => {
    const both = { train: { queriesPerUpdate: 8, batchSize: 9 } };
    expect(renameSettings(both).settings).toEqual(both);
  });

  it('are understood where people type them', () => {
    expect(currentName('queriesPerUpdate')).toBe('batchSize');
    expect(currentName('train.optimizer.gradientClip')).toBe('train.optimizer.maxGradNorm');
    expect(currentName('alpha')).toBe('alpha');
  });
});

describe('the method sft of version 0.1', () => {
  const strategy = { name: 'energy', alpha: 8, priorFloor: 0.01, rollouts: 'all', pooledAdvantages: false };
  const sft = { demonstrations: 'testbed', problems: 8, batchTokens: 100 };
  const old: [string, object][] = [
    ['a file without a warm-up', { iterations: 1 }],
    ['a file of several iterations', { iterations: 4, sft }],
    ['a file with the old name of the section', { iterations: 1, warmUp: sft }],
    ['a file with other old names', { iterations: 1, sft, train: { queriesPerUpdate: 8 } }],
    ['stored settings', { iterations: 1, sft, strategy }],
  ];

  it.each(old)('is read as rft, with a line that names both: %s', (_, campaign) => {
    const { settings, notes } = renameSettings({ method: 'sft', ...campaign });
    expect(settings).toMatchObject({ method: 'rft' });
    expect(notes.filter((note) => note.includes('sft is called rft'))).toHaveLength(1);
    // What is read is read again, from the store.
    expect(renameSettings(settings)).toEqual({ settings, notes: [] });
  });

  it('is not the method sft of today, in a file and as its settings are stored', () => {
    const campaign = { name: 'c', model: '/m', template: 'testbed', problems: [{ from: 'gsm8k' }], iterations: 1, sft };
    const file = { ...campaign, method: 'sft' };
    expect(renameSettings(file)).toEqual({ settings: file, notes: [] });
    for (const iterations of [1, 4]) {
      const stored = { ...campaignSchema.parse(file), iterations };
      expect(renameSettings(stored)).toEqual({ settings: stored, notes: [] });
    }
  });

  it('is no other method', () => {
    for (const method of ['em', 'rl', 'rft'])
      expect(renameSettings({ method, iterations: 4 })).toEqual({ settings: { method, iterations: 4 }, notes: [] });
  });
});
