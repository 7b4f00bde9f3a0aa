import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

/**
 * Reads every import of the product's code and holds its direction: `workflows/` and `activities/` import `src/`, never
 * the other way but for the rooms that wire Temporal up; no circle of folders; no circle of files; what a workflow runs
 * lies in `workflows/` or `src/protocol`, which is what the key of the kept workflow bundle covers.
 */

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
/** Rooms that hand workflows and activities to Temporal's SDK. */
const WIRING = ['src/temporal', 'src/workers'];

interface Import {
  readonly from: string;
  readonly to: string;
  /** `import type` and `export type` leave nothing in the running program. */
  readonly isType: boolean;
}

/** File name → source text. */
type Sources = ReadonlyMap<string, string>;

function readSources(): Sources {
  const files = ['src', 'activities', 'workflows'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)),
  );
  const code = files.filter((file) => /\.(?:tsx?|mjs)$/.test(file) && !file.startsWith('src/web/assets/'));
  return new Map(code.map((file) => [file, readFileSync(join(ROOT, file), 'utf8')]));
}

const STATEMENT = /\b(?<kind>import|export)\s+(?<type>type\s)?(?:[^'";]*?\sfrom\s*)?'(?<path>\.{1,2}\/[^']+)'/g;
const CALL = /\bimport\(\s*'(?<path>\.{1,2}\/[^']+)'/g;

function importsOf(sources: Sources): Import[] {
  return [...sources].flatMap(([from, text]) => {
    const found = [...text.matchAll(STATEMENT), ...text.matchAll(CALL)];
    return found.flatMap(({ groups }) => {
      const to = normalize(join(dirname(from), groups?.path ?? ''));
      return sources.has(to) ? [{ from, to, isType: groups?.type !== undefined }] : [];
    });
  });
}

/** `src/grader` for a file of that room at any depth; `workflows` and `activities` are rooms of their own. */
const roomOf = (file: string): string =>
  file
    .split('/')
    .slice(0, file.startsWith('src/') ? 2 : 1)
    .join('/');

/** Strongly connected components of more than one node, each sorted (Tarjan 1972). */
function circlesOf(edges: readonly (readonly [string, string])[]): string[][] {
  const next = new Map<string, Set<string>>();
  for (const [from, to] of edges) {
    if (from === to) continue;
    next.set(from, (next.get(from) ?? new Set()).add(to));
  }
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const circles: string[][] = [];
  const visit = (node: string): number => {
    const own = index.size;
    index.set(node, own);
    low.set(node, own);
    stack.push(node);
    for (const other of next.get(node) ?? []) {
      if (!index.has(other)) low.set(node, Math.min(low.get(node) ?? own, visit(other)));
      else if (stack.includes(other)) low.set(node, Math.min(low.get(node) ?? own, index.get(other) ?? own));
    }
    if (low.get(node) === own) {
      const circle = stack.splice(stack.indexOf(node));
      if (circle.length > 1) circles.push(circle.sort());
    }
    return low.get(node) ?? own;
  };
  for (const node of next.keys()) if (!index.has(node)) visit(node);
  return circles;
}

/** Imports against the house's direction, as `from → to`. */
function findUpwardImports(imports: readonly Import[]): string[] {
  const isAbove = (file: string): boolean => !file.startsWith('src/');
  const upward = imports.filter(
    ({ from, to }) =>
      (!isAbove(from) && isAbove(to) && !WIRING.includes(roomOf(from))) ||
      (roomOf(from) === 'activities' && roomOf(to) === 'workflows') ||
      // A workflow may know an activity's type, never run it.
      (roomOf(from) === 'workflows' && roomOf(to) === 'activities'),
  );
  return upward.map(({ from, to }) => `${from} → ${to}`);
}

const findFolderCircles = (imports: readonly Import[]): string[][] =>
  circlesOf(imports.map(({ from, to }) => [roomOf(from), roomOf(to)]));

const findFileCircles = (imports: readonly Import[]): string[][] =>
  circlesOf(imports.map(({ from, to }) => [from, to]));

/** Files that run in Temporal's workflow sandbox and lie outside of `workflows/` and `src/protocol`. */
function findForeignWorkflowCode(imports: readonly Import[]): string[] {
  const running = imports.filter(({ isType }) => !isType);
  const reached = new Set(running.map(({ from }) => from).filter((file) => roomOf(file) === 'workflows'));
  for (const file of reached) for (const { from, to } of running) if (from === file) reached.add(to);
  return [...reached].filter((file) => !['workflows', 'src/protocol'].includes(roomOf(file)));
}

describe('the imports of this house', () => {
  const imports = importsOf(readSources());

  it('are read: the test sees hundreds of them', () => {
    expect(imports.length).toBeGreaterThan(800);
  });
  it('never go from src/ up to workflows/ or activities/', () => {
    expect(findUpwardImports(imports)).toEqual([]);
  });
  it('make no circle of folders', () => {
    expect(findFolderCircles(imports)).toEqual([]);
  });
  it('make no circle of files', () => {
    expect(findFileCircles(imports)).toEqual([]);
  });
  it('bring no code into a workflow but that of workflows/ and src/protocol', () => {
    expect(findForeignWorkflowCode(imports)).toEqual([]);
  });
});

describe('a planted violation is found', () => {
  const planted = (files: Readonly<Record<string, string>>): Import[] =>
    importsOf(new Map([...readSources(), ...Object.entries(files)]));

  it.each([
    ['src/methods/planted.ts', `import { campaign } from '../../workflows/campaign.ts';`],
    ['src/campaigns/planted.ts', `import type { Digest } from '../../activities/control.ts';`],
    ['src/web/planted.tsx', `const late = import('../../activities/control.ts');`],
    ['activities/planted.ts', `export * from '../workflows/campaign.ts';`],
  ])('upward from %s', (file, text) => {
    const upward = findUpwardImports(planted({ [file]: `${text}\n` }));
    expect(upward.filter((found) => found.startsWith(file))).toHaveLength(1);
  });

  it('a circle of folders', () => {
    const files = { 'src/formats/planted.ts': `import { createApp } from '../server/app.ts';\n` };
    expect(findFolderCircles(planted(files)).flat()).toContain('src/formats');
  });

  it('a circle of files, through a multi-line import and a type', () => {
    const files = {
      'src/formats/planted-a.ts': `import {\n  one,\n  two,\n} from './planted-b.ts';\n`,
      'src/formats/planted-b.ts': `export type { Three } from './planted-a.ts';\n`,
    };
    expect(findFileCircles(planted(files))).toContainEqual(['src/formats/planted-a.ts', 'src/formats/planted-b.ts']);
  });

  it('foreign code in a workflow, two imports away', () => {
    const files = {
      'workflows/planted.ts': `import { value } from '../src/protocol/planted.ts';\n`,
      'src/protocol/planted.ts': `import { value } from '../formats/planted.ts';\nexport { value };\n`,
      'src/formats/planted.ts': `export const value = 1;\n`,
    };
    expect(findForeignWorkflowCode(planted(files))).toContain('src/formats/planted.ts');
  });
});
