import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonTextError, parseJson } from '../../../src/formats/parse-json.ts';

const messageOf = (text: string): string => {
  try {
    parseJson(text);
    return 'no error';
  } catch (error) {
    return error instanceof JsonTextError ? error.message : `another error: ${error}`;
  }
};

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

describe('JSON of a file from elsewhere', () => {
  it.each([
    ['{"a": 1,\n "b" 2}', 'line 2, column 6'],
    ['', 'line 1, column 1'],
    ['[1, 2', 'line 1, column 6'],
    ['{"a": 1,}', 'line 1, column 9'],
    ['{"a": nul}', 'line 1, column 7'],
    ['[1]\n[2]', 'line 2, column 1'],
    ['"a\nb"', 'line 1, column 1'],
    ['[01]', 'line 1, column 3'],
    ['root:*:20218:0:99999:7:::', 'line 1, column 1'],
  ])('%j is wrong at %s', (text, place) => {
    expect(messageOf(text)).toBe(`not JSON at ${place}`);
  });

  it('is what JSON.parse takes, and of what it does not take the error shows nothing', () => {
    const texts = fc
      .tuple(fc.json({ maxDepth: 4 }), fc.nat(), fc.nat(20), fc.string({ unit: 'binary' }))
      .map(([json, at, cut, put]) => {
        const from = at % (json.length + 1);
        return `${json.slice(0, from)}${put}${json.slice(from + cut)}`;
      });
    fc.assert(
      fc.property(texts, (text) => {
        if (isJson(text)) expect(parseJson(text)).toEqual(JSON.parse(text));
        else expect(messageOf(text)).toMatch(/^not JSON at line \d+, column \d+$/);
      }),
      { numRuns: 2000 },
    );
  });

  it.each(['NaN', 'Infinity', '-Infinity'])('%s, which Python writes, is called by its name', (name) => {
    expect(messageOf(`{"answer": ${name}}`)).toBe(
      `not JSON at line 1, column 12: ${name} is no JSON; write null, or a number or text`,
    );
    expect(messageOf(`{"answer": "${name}"}`)).toBe('no error');
  });

  it('has at most 8 million values', () => {
    expect(messageOf(`[${'0,'.repeat(1_000_000)}0]`)).toBe('no error');
    for (const item of ['0,', '[],', '{},', '"",'])
      expect(messageOf(`[${item.repeat(8_000_000)}0]`)).toBe('JSON of more than 8000000 values');
  });

  it('has at most 100 levels, quoted brackets not counted', () => {
    const nested = (depth: number, open: string, close: string): string => open.repeat(depth) + close.repeat(depth);
    expect(messageOf(nested(100, '[', ']'))).toBe('no error');
    expect(messageOf(`"${'['.repeat(500)}"`)).toBe('no error');
    expect(messageOf(`"\\"${'{'.repeat(500)}"`)).toBe('no error');
    for (const depth of [101, 1000, 3_000_000]) {
      expect(messageOf(nested(depth, '[', ']'))).toBe('nested more than 100 levels deep at line 1, column 101');
      expect(messageOf(`${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`)).toMatch(/^nested more than 100 levels deep/);
    }
  });
});
