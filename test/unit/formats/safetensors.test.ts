import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../../src/formats/canonical-json.ts';
import {
  float32Tensor,
  int32Tensor,
  readSafetensors,
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

describe('canonical JSON', () => {
  it('does not depend on key order and refuses what JSON can not say', () => {
    expect(canonicalJson({ b: [1, 'x'], a: { d: null, c: true } })).toBe('{"a":{"c":true,"d":null},"b":[1,"x"]}');
    expect(canonicalJson({ a: undefined })).toBe('{}');
    expect(() => canonicalJson({ a: Number.NaN })).toThrow(/NaN/);
  });
});
