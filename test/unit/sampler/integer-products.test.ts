import { expect, it } from 'vitest';
import { integerProductWarning } from '../../../src/sampler/integer-products.ts';

const cpuinfo = (line: string): string =>
  `processor\t: 0\nmodel name\t: some\n${line}\nbugs\t\t: none\n\nprocessor\t: 1\n`;

it.each([
  'flags\t\t: fpu avx2 avx512f avx512_vnni fsrm',
  'flags\t\t: fpu avx2 avx_vnni',
  'Features\t: fp asimd asimddp sve',
])('says nothing where bytes are multiplied fast: %s', (line) => {
  expect(integerProductWarning(cpuinfo(line))).toBeUndefined();
});

it('says nothing where nothing is known', () => {
  expect(integerProductWarning(undefined)).toBeUndefined();
  expect(integerProductWarning('processor : 0')).toBeUndefined();
});

it.each(['flags\t\t: fpu avx2 avx512f avx512vbmi', 'Features\t: fp asimd'])('names the way out: %s', (line) => {
  expect(integerProductWarning(cpuinfo(line))).toMatch(/^w8a8 on a processor without VNNI .*; use fp32/);
});
