import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { currentName, renameSettings } from '../../../src/config/renamed-settings.ts';

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
