import { expect, it } from 'vitest';
import { PLAN, QWEN } from '../../../src/capacity/document.ts';
import { longestPass, passMemory } from '../../../src/capacity/pass-memory.ts';

it('longer passes take more memory, of a GPU and of a machine that computes itself', () => {
  const lengths = passMemory(QWEN['0.5B'], PLAN);
  for (const [at, { tokens, gpuBytes, hostBytes }] of lengths.entries()) {
    const before = lengths[at - 1];
    expect(tokens).toBeGreaterThan(before?.tokens ?? 0);
    expect(gpuBytes).toBeGreaterThan(before?.gpuBytes ?? 0);
    expect(hostBytes).toBeGreaterThan(before?.hostBytes ?? 0);
  }
});

it('the longest pass grows with the GPU and with what is kept off it, and there is always one', () => {
  const longest = (gigabytes: number, changes = {}) =>
    longestPass(QWEN['7B'], { ...PLAN, ...changes }, gigabytes * 1e9);
  expect(longest(80)).toBe(1024);
  expect(longest(80, { processes: 8 })).toBeGreaterThan(4096);
  expect(longest(141, { processes: 8 })).toBeGreaterThan(longest(80, { processes: 8 }));
});
