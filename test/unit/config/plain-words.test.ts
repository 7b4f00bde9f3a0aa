import { describe, expect, it } from 'vitest';
import { rolloutFilter } from '../../../src/campaigns/rollout-filter.ts';
import { parseAsked } from '../../../src/campaigns/use-case-error.ts';
import { parseCampaign } from '../../../src/config/load.ts';
import { resolveWhatIfSetting } from '../../../src/replay/what-if-settings.ts';

describe('a mistake is named in plain words', () => {
  it.each([
    ['a missing setting', 'method: em', 'iterations: is missing'],
    ['a wrong type', 'iterations: many', 'c.yaml:3: iterations: must be a number'],
    ['a name that is none', 'method: grpo', 'c.yaml:3: method: allowed are em, rl, rft, dpo, sft'],
    ['the field’s name of a setting', 'lr: 1e-4', 'lr is not a setting; did you mean train.optimizer.learningRate?'],
    [
      'a missing value of several forms',
      'method: em',
      'template: is missing; allowed are testbed, markdown, interleaved',
    ],
  ])('%s', (_what, line, says) => {
    expect(() => parseCampaign(`name: c\nmodel: testbed\n${line}\n`, 'c.yaml')).toThrow(says);
  });

  it('of a request, on one line', () => {
    const ask = () => parseAsked(rolloutFilter, { campaign: 'x', arm: 'both' }, 'the filter');
    expect(ask).toThrow(/^the filter is not valid: arm: allowed are auto, cot, code$/);
  });

  it('a known setting that a what-if can’t compute is not called unknown', () => {
    expect(() => resolveWhatIfSetting('lr')).toThrow(
      "lr (train.optimizer.learningRate) can't be recomputed from stored rollouts",
    );
  });
});
