import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../../src/formats/canonical-json.ts';
import {
  float32Tensor,
  int32Tensor,
  parseSafetensorsHeader,
  readSafetensors,
  SafetensorsError,
  safetensorsHeaderBytes,
  tensorValues,
  writeSafetensors,
} from '../../../src/formats/safetensors.ts';

describe('safetensors', () => {
  const file = writeSafetensors(
    new Map([
      ['a', int32Tensor([1, -2, 3], [3])],
      ['b', float32Tensor([0.5])],
    ]),
    { k: 'v' },
  );

  it('gives back what was written', () => {
    const { tensors, metadata } = readSafetensors(file);
    const a = tensors.get('a');
    expect(a && Array.from(tensorValues(a))).toEqual([1, -2, 3]);
    expect(metadata).toEqual({ k: 'v' });
  });

  it('refuses a torn file at every length', () => {
    for (let length = 0; length < file.byteLength; length += 7) {
      expect(() => readSafetensors(file.subarray(0, length))).toThrow(/not a safetensors file/);
    }
  });
});

describe('a safetensors header from elsewhere', () => {
  const entry = (over: object) => ({ dtype: 'F32', shape: [2], data_offsets: [0, 8], ...over });
  const parse = (header: unknown, dataBytes = 64) => parseSafetensorsHeader(JSON.stringify(header), dataBytes);

  it.each<[string, unknown, RegExp]>([
    ['no object', [entry({})], /no JSON object/],
    ['null for a tensor', { a: null }, /tensor a has no description/],
    ['a list for a tensor', { a: [] }, /tensor a has no description/],
    ['an inherited name as type', { a: entry({ dtype: 'constructor' }) }, /type constructor; the format knows/],
    ['an object as type', { a: entry({ dtype: {} }) }, /the format knows/],
    ['a negative size', { a: entry({ shape: [-2], data_offsets: [8, 0] }) }, /the shape \[-2\]/],
    ['a fraction', { a: entry({ shape: [0.5, 4] }) }, /the shape/],
    ['text offsets', { a: entry({ data_offsets: ['0', '8'] }) }, /the offsets/],
    ['three offsets', { a: entry({ data_offsets: [0, 8, 9] }) }, /the offsets/],
    ['no offsets', { a: entry({ data_offsets: undefined }) }, /the offsets/],
    ['sizes beyond exact integers', { a: entry({ shape: [1e300] }) }, /the shape/],
    ['a product that overflows', { a: entry({ shape: [2 ** 50, 2 ** 50] }) }, /spans 8 bytes/],
    ['an end behind the file', { a: entry({ data_offsets: [60, 68] }) }, /4 bytes behind the file/],
    ['equal places', { a: entry({}), b: entry({}) }, /overlaps/],
    ['overlapping places', { b: entry({ data_offsets: [4, 12] }), a: entry({}) }, /tensor b overlaps/],
    ['a name of control characters', { '\u001b[2J\nx': null }, /tensor \\u001b\[2J\\u000ax has/],
  ])('is refused for %s', (_, header, message) => {
    expect(() => parse(header)).toThrow(SafetensorsError);
    expect(() => parse(header)).toThrow(message);
  });

  it('may have empty tensors anywhere', () => {
    const empty = entry({ shape: [0], data_offsets: [8, 8] });
    expect(parse({ a: entry({}), b: empty, c: empty }).places.size).toBe(3);
  });

  it('has at most 100 MB, however long the file claims to be', () => {
    const first = (bytes: number) => new Uint8Array(new BigUint64Array([BigInt(bytes)]).buffer);
    expect(safetensorsHeaderBytes(first(100_000_000), 1e12)).toBe(100_000_000);
    expect(() => safetensorsHeaderBytes(first(100_000_001), 1e12)).toThrow(/the format allows 100000000/);
    expect(() => safetensorsHeaderBytes(first(2 ** 60), 1e12)).toThrow(SafetensorsError);
  });
});

describe('canonical JSON', () => {
  it('does not depend on key order and refuses what JSON can not say', () => {
    expect(canonicalJson({ b: [1, 'x'], a: { d: null, c: true } })).toBe('{"a":{"c":true,"d":null},"b":[1,"x"]}');
    expect(canonicalJson({ a: undefined })).toBe('{}');
    expect(() => canonicalJson({ a: Number.NaN })).toThrow(/NaN/);
  });
});
