import { expect, it } from 'vitest';
import { shortNames } from '../../../src/web/compare-page.tsx';

it.each([
  ['demo-261130194642-em', 'demo-261130194642-rl', ['em', 'rl']],
  ['base', 'base-2', ['base', 'base-2']],
  ['one', 'two', ['one', 'two']],
  ['same', 'same', ['same', 'same']],
  ['a-very-long-name-of-a-campaign', 'b', ['a-very…mpaign', 'b']],
])('labels of %s and %s leave out what they have in common and fit beside a chart', (left, right, names) => {
  expect(shortNames(left, right)).toEqual(names);
  for (const name of shortNames(left, right)) expect(name.length).toBeLessThanOrEqual(13);
});
