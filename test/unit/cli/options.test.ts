import fc from 'fast-check';
import { expect, test } from 'vitest';
import { listOf, parseHttpUrl, parseShare, temperature, wholeNumber } from '../../../src/cli/options.ts';

test('a whole number within its bounds is read, and any other is refused', () => {
  const parse = wholeNumber(3, 99);
  fc.assert(
    fc.property(fc.integer({ min: -1000, max: 1000 }), (value) => {
      if (value >= 3 && value <= 99) expect(parse(`${value}`)).toBe(value);
      else expect(() => parse(`${value}`)).toThrow('allowed are whole numbers from 3 to 99');
    }),
  );
});

test.each(['', ' ', '1.5', '1e3', '0x10', ' 7', '+7', '-0', 'NaN', 'Infinity', '9007199254740993'])(
  'the text "%s" is no whole number',
  (text) => expect(() => wholeNumber(0)(text)).toThrow('allowed are whole numbers of at least 0'),
);

test('temperatures and shares keep within their bounds', () => {
  expect([temperature(10)('0'), temperature(10)('0.7'), parseShare('0.5')]).toEqual([0, 0.7, 0.5]);
  for (const text of ['', ' ', 'hot', '-1', '10.1', 'NaN'])
    expect(() => temperature(10)(text)).toThrow('allowed are 0 (greedy) to 10');
  for (const text of ['', '0', '1', 'half', '-0.5']) expect(() => parseShare(text)).toThrow('above 0 to below 1');
});

test('a list holds only names that are known', () => {
  const parse = listOf('arm', ['auto', 'cot']);
  expect(parse('cot, auto')).toEqual(['cot', 'auto']);
  for (const text of ['', 'cod', 'auto,', 'auto cot']) expect(() => parse(text)).toThrow('allowed are auto, cot');
});

test('an address is one of HTTP', () => {
  expect(parseHttpUrl('http://127.0.0.1:8000')).toBe('http://127.0.0.1:8000');
  for (const text of ['127.0.0.1:8000', 'ftp://a', '']) expect(() => parseHttpUrl(text)).toThrow('give an address');
});
