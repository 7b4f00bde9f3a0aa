import { expect, test } from 'vitest';
import { campaignSchema } from '../../../src/config/campaign.ts';
import { parseSettings } from '../../../src/config/settings.ts';
import { resolveWhatIf, resolveWhatIfSetting } from '../../../src/replay/what-if-settings.ts';

const config = campaignSchema.parse({
  name: 'asked',
  model: '/a/model',
  template: 'testbed',
  iterations: 1,
  problems: [{ from: 'gsm8k' }],
  sampling: { samplesPerArm: 8 },
});

test('short names and full paths say the same', () => {
  const short = resolveWhatIf(config, { alpha: 4, strategy: 'paper', k: 4, maxTokens: 100, extraction: 'box-only' });
  const full = resolveWhatIf(config, {
    'strategy.alpha': 4,
    'strategy.name': 'paper',
    'sampling.samplesPerArm': 4,
    'filter.maxTokens': 100,
    'grader.extraction': 'box-only',
  });
  expect(short).toEqual(full);
  expect(short.config.strategy).toMatchObject({ alpha: 4, name: 'paper' });
  expect(short.filters).toEqual({ samplesByArm: { cot: 4, code: 4 }, maxTokens: 100 });
  expect(short.grader).toEqual({ extraction: 'box-only' });
});

test('the rules of the decision are recomputed, in words as people type them', () => {
  const typed = parseSettings(
    ['confidence=.95', 'violations=graded', 'filter.truncated=left-out'],
    resolveWhatIfSetting,
  );
  expect(resolveWhatIf(config, typed).config.strategy).toMatchObject({
    confidence: 0.95,
    violations: 'graded',
    truncated: 'left-out',
  });
  expect(parseSettings(['confidence=off'], resolveWhatIfSetting)).toEqual({ 'strategy.confidence': 'off' });
});

test('auto rollouts are twice as many as K', () => {
  expect(resolveWhatIf({ ...config, method: 'rl' }, { k: 3 }).filters.samplesByArm).toEqual({ auto: 6 });
});

test.each([
  [{ k: 16 }, /sampling\.samplesPerArm: the iteration drew 8 an arm/],
  [{ 'train.epochs': 1 }, /train\.epochs can't be recomputed from stored rollouts/],
  [{ temperature: 0.5 }, /temperature is not a setting|can't be recomputed/],
  [{ alhpa: 4 }, /did you mean alpha\?/],
  [{ alpha: 0 }, /strategy\.alpha/],
  [{ 'grader.extraction': 'somewhere' }, /grader\.extraction/],
  [{ 'filter.maxTokens': 0 }, /filter\.maxTokens/],
  [{ minValid: 9 }, /only 8 rollouts are drawn/],
  [{ confidence: 0.5 }, /strategy\.confidence/],
  [{ confidence: 1 }, /strategy\.confidence/],
  [{ confidence: 0.99999 }, /8 rollouts an arm show at most 0\.99998, so no problem would have a target/],
])('%o is refused', (settings, message) => {
  expect(() => resolveWhatIf(config, settings)).toThrow(message);
});
