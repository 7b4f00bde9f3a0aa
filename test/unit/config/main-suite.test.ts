import { expect, test } from 'vitest';
import { mainSuiteOf, retentionSuitesOf } from '../../../src/config/main-suite.ts';

const retention = { suite: 'gsm8k', role: 'retention' };
const main = { suite: 'math500' };

test('a campaign is judged by the first suite that does not measure retention', () => {
  expect(mainSuiteOf({ evaluations: [retention, main, { suite: 'aime24' }] })).toBe('math500');
  expect(retentionSuitesOf({ evaluations: [retention, main] })).toEqual(['gsm8k']);
});

test.each([[null], [undefined], [{}], [{ evaluations: [] }], [{ evaluations: [retention] }]])(
  'there is none in %j',
  (config) => {
    expect(mainSuiteOf(config)).toBeUndefined();
  },
);
