import { expect, it } from 'vitest';
import { parseSuites } from '../../../src/cli/start-evaluations.ts';

it('reads suites with and without samples', () => {
  expect(parseSuites('math500:4, aime24:16,gsm8k')).toEqual([
    { suite: 'math500', samples: 4 },
    { suite: 'aime24', samples: 16 },
    { suite: 'gsm8k' },
  ]);
});

it.each(['math500:', 'math500:0', ':4', 'math500:x', 'math500,,gsm8k', 'a:1:2'])('refuses %s', (text) => {
  expect(() => parseSuites(text)).toThrow('give SUITE or SUITE:SAMPLES');
});
