/** The bundled workflow code, cached in a file: a restarted control process is ready some seconds sooner. */
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { digestOfJson } from '../artifacts/digest.ts';
import { replaceFile } from '../formats/durable-file.ts';
import { FAILURE_CONVERTER } from './payload-codec.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Folders, relative to the root, with all code that workflows run. A lint rule enforces this. */
export const BUNDLED_FOLDERS = ['workflows', 'src/protocol'] as const;

interface KeptBundle {
  readonly key: string;
  readonly bundle: WorkflowBundleWithSourceMap;
}

export function bundleWorkflows(): Promise<WorkflowBundleWithSourceMap> {
  return bundleWorkflowCode({
    workflowsPath: join(ROOT, 'workflows', 'index.ts'),
    workflowInterceptorModules: [join(ROOT, 'workflows', 'refuse-payloads.ts')],
    failureConverterPath: FAILURE_CONVERTER,
    logger: new DefaultLogger('ERROR'),
  });
}

/** The cached bundle if its sources and SDK are the current ones; otherwise builds and caches a new one. */
export async function readOrBundleWorkflows(file: string): Promise<WorkflowBundleWithSourceMap> {
  const key = await sourceKey();
  const kept = await readKept(file);
  if (kept?.key === key) return kept.bundle;
  const bundle = await bundleWorkflows();
  await mkdir(dirname(file), { recursive: true });
  await replaceFile(file, JSON.stringify({ key, bundle } satisfies KeptBundle));
  return bundle;
}

/** Digest of the bundle's inputs: the files of the bundled folders, and the SDK. */
async function sourceKey(): Promise<string> {
  const names = await Promise.all(
    BUNDLED_FOLDERS.map(async (folder) => (await readdir(join(ROOT, folder))).map((name) => `${folder}/${name}`)),
  );
  const sources = names
    .flat()
    .filter((name) => /\.c?[jt]s$/.test(name))
    .sort();
  const files = await Promise.all(sources.map(async (name) => [name, await readFile(join(ROOT, name), 'utf8')]));
  const sdk: unknown = createRequire(import.meta.url)('@temporalio/workflow/package.json');
  return digestOfJson({ files, sdk });
}

async function readKept(file: string): Promise<KeptBundle | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as KeptBundle;
  } catch {
    return undefined;
  }
}
