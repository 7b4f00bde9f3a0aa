import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';

/** Lints files that break or keep the import boundaries, with our configuration and our folders, outside of the clone. */

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const WORKFLOW_RULE = 'workflows/ may import only';
const PURE_RULE = 'src/methods and src/rollout may import only';
const DOCKER_RULE = 'only src/sandbox talks to Docker';
const ONNX_RULE = 'only src/sampler talks to ONNX Runtime';
const DATABASE_RULE = 'only src/db talks to a database';

const REFUSED = [
  ['workflows', `import { readFile } from 'node:fs/promises';`, WORKFLOW_RULE],
  ['workflows', `import { sample } from '../activities/sample.ts';`, WORKFLOW_RULE],
  ['workflows', `import { type Sampler } from '../src/sampler/types.ts';`, WORKFLOW_RULE],
  ['workflows', `export * from '../src/db/facts.ts';`, WORKFLOW_RULE],
  ['workflows', `export const late = import('../src/methods/curate.ts');`, 'may not load code'],
  ['src/methods', `import { createHash } from 'node:crypto';`, PURE_RULE],
  ['src/methods', `import { readEnvironment } from '../config/environment.ts';`, PURE_RULE],
  ['src/methods/deeper', `import { Context } from '@temporalio/activity';`, PURE_RULE],
  ['src/rollout', `export { grade } from '../grader/grade.ts';`, PURE_RULE],
  ['src/rollout', `export const late = import('../methods/curate.ts');`, 'may not load code'],
  ['src/grader', `import Docker from 'dockerode';`, DOCKER_RULE],
  ['src/sampler', `import Docker from 'dockerode';`, DOCKER_RULE],
  ['src/trainer', `import * as ort from 'onnxruntime-node';`, ONNX_RULE],
  ['src/sandbox', `import * as ort from 'onnxruntime-node';`, ONNX_RULE],
  ['src/server', `import { eq } from 'drizzle-orm';`, DATABASE_RULE],
  ['src/sandbox', `export const late = import('drizzle-orm/pglite');`, DATABASE_RULE],
  ['activities', `import { PGlite } from '@electric-sql/pglite';`, DATABASE_RULE],
  ['src/workers', `import { Pool } from 'pg';`, DATABASE_RULE],
  ['src/server', `export const home = process.env.HOME;`, 'process.env'],
] as const;

const ALLOWED = [
  ['workflows', `import { sleep } from '@temporalio/workflow';`],
  ['workflows', `import { taskQueueOf } from '../src/protocol/queues.ts';`],
  ['workflows', `import { campaign } from './campaign.ts';`],
  ['workflows', `import type * as activities from '../activities/sample.ts';`],
  ['workflows', `export type { Fact } from '../src/db/facts.ts';`],
  ['src/methods', `import { canonicalJson } from '../formats/canonical-json.ts';`],
  ['src/methods', `import { prior } from './prior.ts';`],
  ['src/methods', `import type { Grade } from '../grader/types.ts';`],
  ['src/rollout', `import type { Sampler } from '../sampler/types.ts';`],
  ['src/sandbox', `import Docker from 'dockerode';`],
  ['src/sampler', `import * as ort from 'onnxruntime-node';`],
  ['src/db', `import { eq } from 'drizzle-orm';`],
  ['src/config/environment.ts', `export const home = process.env.HOME;`],
] as const;

interface LintReport {
  readonly diagnostics: readonly {
    readonly severity: 'error' | 'warning' | 'information';
    readonly message: string;
    readonly location: { readonly path: string };
  }[];
}

let project = '';
let errors: LintReport['diagnostics'] = [];

function errorsOf(place: string, source: string): string[] {
  const path = probePath(place, source);
  return errors.filter(({ location }) => location.path === path).map(({ message }) => message);
}

/** A folder stands for a file of its own in it. */
function probePath(place: string, source: string): string {
  if (place.endsWith('.ts')) return place;
  const index = [...REFUSED, ...ALLOWED].findIndex((probe) => probe[0] === place && probe[1] === source);
  return `${place}/probe-${index}.ts`;
}

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'whencode-boundaries-'));
  await cp(join(ROOT, 'biome.json'), join(project, 'biome.json'));
  await cp(join(ROOT, 'infra', 'lint'), join(project, 'infra', 'lint'), { recursive: true });
  for (const [place, source] of [...REFUSED, ...ALLOWED]) {
    const path = join(project, probePath(place, source));
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, `${source}\n`);
  }
  const args = ['lint', '--vcs-enabled=false', '--reporter=json', '--max-diagnostics=none', '.'];
  const report = await new Promise<string>((resolve) => {
    // Ends with code 1, as there are errors.
    execFile(join(ROOT, 'node_modules', '.bin', 'biome'), args, { cwd: project }, (_error, stdout) => resolve(stdout));
  });
  errors = (JSON.parse(report) as LintReport).diagnostics.filter(({ severity }) => severity === 'error');
});

afterAll(() => rm(project, { recursive: true, force: true }));

it.each(REFUSED)('%s is refused %j', (place, source, rule) => {
  expect(errorsOf(place, source)).toContainEqual(expect.stringContaining(rule));
});

it.each(ALLOWED)('%s is allowed %j', (place, source) => {
  expect(errorsOf(place, source)).toEqual([]);
});
