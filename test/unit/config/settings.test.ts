import fc from 'fast-check';
import { expect, test } from 'vitest';
import { campaignSchema } from '../../../src/config/campaign.ts';
import { ConfigError } from '../../../src/config/config-error.ts';
import {
  applySettings,
  CHANGEABLE_PATHS,
  compareSettings,
  parseSettings,
  resolveSetting,
  stageOfSetting,
} from '../../../src/config/settings.ts';

const config = campaignSchema.parse({
  name: 'settled',
  model: '/a/model',
  template: 'testbed',
  iterations: 3,
  problems: [{ from: 'gsm8k' }],
});

test('full paths, aliases and last parts that fit one setting name it', () => {
  expect(
    ['alpha', 'strategy', 'k', 'train.optimizer.learningRate', 'learningRate'].map((name) => resolveSetting(name)),
  ).toEqual([
    'strategy.alpha',
    'strategy.name',
    'sampling.samplesPerArm',
    'train.optimizer.learningRate',
    'train.optimizer.learningRate',
  ]);
});

test.each([
  ['alhpa=4', /alhpa is not a setting; did you mean alpha\?/],
  ['train.optimiser.learningRate=1', /did you mean train\.optimizer\.learningRate\?/],
  ['model=/other', /model is what the campaign is made of and can't change; start or fork another/],
  ['problems=gsm8k', /problems is what the campaign is made of/],
  ['template.codeOpen=x', /template\.codeOpen is what the campaign is made of/],
  ['alpha', /"alpha" is not KEY=VALUE, e\.g\./],
  ['=4', /"=4" is not KEY=VALUE/],
  ['qqqqqqqqqqqqqq=1', /allowed are problemsPerIteration, sampling\.\*, execution\.\*, strategy\.\*, train\.\*/],
])('%s is refused with what is meant or allowed', (text, message) => {
  expect(() => parseSettings([text])).toThrow(ConfigError);
  expect(() => parseSettings([text])).toThrow(message);
});

test('a setting given twice, by any of its names, is refused', () => {
  expect(() => parseSettings(['alpha=4', 'strategy.alpha=5'])).toThrow(/strategy\.alpha is given twice/);
});

test('values are read as YAML: numbers, booleans, words', () => {
  expect(parseSettings(['learningRate=1e-4', 'pooledAdvantages=true', 'strategy=paper', 'minValid=null'])).toEqual({
    'train.optimizer.learningRate': 1e-4,
    'strategy.pooledAdvantages': true,
    'strategy.name': 'paper',
    'strategy.minValid': null,
  });
});

test('a changed configuration is checked by the schema, with the rules between settings', () => {
  const changed = applySettings(config, { 'strategy.alpha': 4, 'sampling.samplesPerArm': 2 });
  expect(changed).toEqual({
    ...config,
    strategy: { ...config.strategy, alpha: 4 },
    sampling: { ...config.sampling, samplesPerArm: 2 },
  });
  expect(config.strategy.alpha).toBe(8);
  expect(() => applySettings(config, { 'strategy.alpha': -1 })).toThrow(/strategy\.alpha: /);
  expect(() => applySettings(config, { 'strategy.minValid': 9 })).toThrow(
    /strategy\.minValid: only 8 rollouts are drawn/,
  );
});

test('null takes an optional setting away, so that its default holds again', () => {
  const strict = applySettings(config, { 'strategy.minValid': 8 });
  expect(strict.strategy.minValid).toBe(8);
  expect(applySettings(strict, { 'strategy.minValid': null })).toEqual(config);
});

test('differences are named by path with both values', () => {
  const changed = applySettings(config, { 'strategy.alpha': 4, 'strategy.minValid': 2 });
  expect(compareSettings(config, changed)).toEqual([
    { setting: 'strategy.alpha', from: 8, to: 4 },
    { setting: 'strategy.minValid', to: 2 },
  ]);
  expect(compareSettings(config, structuredClone(config))).toEqual([]);
});

/** The same value with the keys of every object in the opposite order, also inside of lists. */
function withKeysReversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withKeysReversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, item]) => [key, withKeysReversed(item)]),
  );
}

test('the order of keys is no difference', () => {
  const suites = [
    { suite: 'a', problems: { from: 'gsm8k', limit: 8 }, arms: { auto: 4, cot: 2 } },
    { suite: 'b', problems: { from: 'math' }, samples: 4, temperature: 0.5 },
  ];
  const stored = withKeysReversed(campaignSchema.parse({ ...config, evaluations: suites }));
  const set = applySettings(campaignSchema.parse(stored), { 'strategy.alpha': 4 });
  expect(compareSettings(stored, set)).toEqual([{ setting: 'strategy.alpha', from: 8, to: 4 }]);
  fc.assert(fc.property(fc.jsonValue(), (value) => compareSettings(value, withKeysReversed(value)).length === 0));
});

test('every setting that may change belongs to the stage that reads it first', () => {
  expect(CHANGEABLE_PATHS.map(stageOfSetting)).not.toContain(undefined);
  expect(stageOfSetting('train.epochs')).toBe('train');
  expect(stageOfSetting('strategy.alpha')).toBe('curate');
  expect(stageOfSetting('execution.cpuMs')).toBe('sample');
  expect(stageOfSetting('model')).toBeUndefined();
});
