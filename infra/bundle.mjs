/**
 * Runs the TypeScript sources from a bundle: modules load in a tenth of a second of CPU time instead of seconds. A
 * bundle is built from the current sources (half a second) when there is none for them: by set-up, and by the first
 * command after a change. Its folder is `.bundle/<digest of the sources' names, sizes and times>`.
 */
import { createHash, randomUUID } from 'node:crypto';
import { chmodSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const BUNDLES = join(ROOT, '.bundle');
/** Folders with code that an entry can import. */
const SOURCES = ['src', 'activities', 'workflows', 'infra'];
/** Number of older bundles to keep: a running process may still load a part of one. */
const KEPT = 3;

/**
 * Entries that are started by name: bundle entry → source file.
 *
 * @satisfies {Record<keyof Modules, string>}
 */
const ENTRIES = {
  whencode: 'src/cli/whencode.ts',
  'run-role': 'src/workers/run-role.ts',
  'sampler-thread': 'src/sampler/engine/thread.ts',
  'what-if-thread': 'src/replay/what-if-thread.ts',
  'curation-thread': 'src/steps/curation-thread.ts',
  'template-process': 'src/sampler/template-process.ts',
  'model-inspector': 'src/campaigns/model-inspector.ts',
};

/**
 * @typedef {{
 *   whencode: typeof import('../src/cli/whencode.ts'),
 *   'run-role': typeof import('../src/workers/run-role.ts'),
 *   'sampler-thread': typeof import('../src/sampler/engine/thread.ts'),
 *   'what-if-thread': typeof import('../src/replay/what-if-thread.ts'),
 *   'curation-thread': typeof import('../src/steps/curation-thread.ts'),
 *   'template-process': typeof import('../src/sampler/template-process.ts'),
 *   'model-inspector': typeof import('../src/campaigns/model-inspector.ts'),
 * }} Modules
 */

/**
 * Imports an entry's module from the bundle of the current sources.
 *
 * @template {keyof Modules} Name
 * @param {Name} entry
 * @returns {Promise<Modules[Name]>}
 * @example const { runCli } = await loadEntry('whencode');
 */
export async function loadEntry(entry) {
  const folder = await ensureBundle();
  process.setSourceMapsEnabled(true);
  return import(pathToFileURL(join(folder, `${entry}.js`)).href);
}

/** @returns {Promise<string>} folder of the bundle; it is built if absent */
export async function ensureBundle() {
  const folder = join(BUNDLES, sourcesKey());
  if (statSync(folder, { throwIfNoEntry: false }) !== undefined) return folder;
  const temporary = join(BUNDLES, `${randomUUID()}.tmp`);
  mkdirSync(temporary, { recursive: true });
  await build(temporary);
  // Users who share the checkout share the bundle, also where the umask is that of a home folder.
  chmodSync(temporary, 0o755);
  for (const name of readdirSync(temporary)) chmodSync(join(temporary, name), 0o644);
  try {
    renameSync(temporary, folder);
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true });
    // Another process was first, with the same sources.
    if (statSync(folder, { throwIfNoEntry: false }) === undefined) throw error;
  }
  removeOldBundles();
  return folder;
}

/** Names, sizes and times of all code files: the key of the bundle. */
function sourcesKey() {
  const hash = createHash('sha256');
  for (const file of ['package-lock.json', ...SOURCES.flatMap(listCode)]) {
    const { size, mtimeMs } = statSync(join(ROOT, file));
    hash.update(`${file} ${size} ${mtimeMs}\n`);
  }
  return hash.digest('hex').slice(0, 20);
}

/** @param {string} folder */
function listCode(folder) {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(?:tsx?|mjs)$/.test(name))
    .sort()
    .map((name) => join(folder, name));
}

/** @param {string} outdir */
async function build(outdir) {
  const esbuild = await import('esbuild');
  await esbuild.build({
    absWorkingDir: ROOT,
    entryPoints: Object.entries(ENTRIES).map(([out, path]) => ({ in: path, out })),
    outdir,
    bundle: true,
    splitting: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    jsx: 'automatic',
    jsxImportSource: 'hono/jsx',
    sourcemap: true,
    logLevel: 'error',
    banner: { js: `const sourceUrl = (path) => new URL('../../' + path, import.meta.url).href;` },
    plugins: [ownUrls],
  });
}

/**
 * Keeps `import.meta.url` that of the source file, because files next to a source (migrations, Python, assets of pages)
 * are found through it.
 *
 * @type {import('esbuild').Plugin}
 */
const ownUrls = {
  name: 'own-urls',
  setup(build) {
    build.onLoad({ filter: /\.(?:tsx?|mjs)$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      if (path.includes(`${sep}node_modules${sep}`) || !text.includes('import.meta.url')) return undefined;
      const source = JSON.stringify(relative(ROOT, path).split(sep).join('/'));
      const loader = path.endsWith('x') ? 'tsx' : path.endsWith('.ts') ? 'ts' : 'js';
      return {
        contents: text.replaceAll('import.meta.url', `sourceUrl(${source})`),
        loader,
        resolveDir: dirname(path),
      };
    });
  },
};

function removeOldBundles() {
  const found = readdirSync(BUNDLES).map((name) => {
    const path = join(BUNDLES, name);
    return { path, time: statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0 };
  });
  found.sort((a, b) => b.time - a.time);
  for (const { path } of found.slice(KEPT)) rmSync(path, { recursive: true, force: true });
}
