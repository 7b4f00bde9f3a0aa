/** From `problems:` of a campaign file to problems: a generator, a data set by name, or a file. */
import { createHash } from 'node:crypto';
import { access } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { GENERATORS, type GeneratorName, type ProblemsConfig } from '../config/campaign.ts';
import { canonicalJson } from '../formats/canonical-json.ts';
import { createRandom } from '../formats/random.ts';
import type { Problem } from '../rollout/types.ts';
import { generateOneStep } from './one-step.ts';
import { ProblemFileError, readProblemFile } from './problem-file.ts';
import { DATASETS, UnknownDatasetError } from './registry.ts';
import { generateTestbed, toProblem } from './testbed/generate.ts';

/** Generated at once and held in memory. */
const MOST_GENERATED = 200_000;

export interface ResolveOptions {
  /** Folder of local data sets, looked up first: `<name>.jsonl`. */
  readonly dataDirectory?: string | undefined;
  /** Pulled data sets are in its `data` folder. */
  readonly cacheDirectory: string;
  /** Seed of generators and of the order that `limit` cuts. Default 0. */
  readonly seed?: number;
}

export interface ResolvedProblems {
  readonly problems: readonly Problem[];
  /** SHA-256 of the problems in their order: equal digests mean equal problems, wherever they came from. */
  readonly digest: string;
  /** One line for people, e.g. `50 of 500 problems of math500`. */
  readonly description: string;
}

/** Throws `UnknownDatasetError` or `ProblemFileError`; messages say what to do. */
export async function resolveProblems(config: ProblemsConfig, options: ResolveOptions): Promise<ResolvedProblems> {
  const generator = GENERATORS.find((name) => name === config.from);
  const { problems, description } =
    generator === undefined ? await fromFile(config, options) : generate(generator, config, options.seed ?? 0);
  return { problems, digest: digestOf(problems), description };
}

/** Where a data set by this name lies on this machine; undefined if nowhere. */
export async function findLocalFile(
  name: string,
  { dataDirectory, cacheDirectory }: Pick<ResolveOptions, 'dataDirectory' | 'cacheDirectory'>,
): Promise<string | undefined> {
  const folders = [...(dataDirectory === undefined ? [] : [dataDirectory]), pulledFolder(cacheDirectory)];
  for (const folder of folders) {
    const path = join(folder, `${name}.jsonl`);
    if (await exists(path)) return path;
  }
  return undefined;
}

/** Where `data pull` puts data sets. */
export function pulledFolder(cacheDirectory: string): string {
  return join(cacheDirectory, 'data');
}

interface Described {
  readonly problems: readonly Problem[];
  readonly description: string;
}

function generate(name: GeneratorName, { split = 'train', limit }: ProblemsConfig, seed: number): Described {
  if (limit === undefined) throw new ProblemFileError(`${name} has no end: say how many problems with "limit"`);
  if (limit > MOST_GENERATED)
    throw new ProblemFileError(`${name}: ${limit} problems are too many to generate; at most ${MOST_GENERATED}`);
  const description = `${limit} generated problems of ${name} (${split}, seed ${seed})`;
  switch (name) {
    case 'testbed':
      return { problems: generateTestbed({ split, count: limit, seed }).map(toProblem), description };
    case 'one-step':
      if (split === 'unseen') throw new ProblemFileError('one-step has the splits train and held-out, not unseen');
      return { problems: generateOneStep({ split, count: limit, seed }), description };
  }
}

async function fromFile({ from, split, limit }: ProblemsConfig, options: ResolveOptions): Promise<Described> {
  if (split !== undefined) {
    throw new ProblemFileError(`"split" is for generators (${GENERATORS.join(', ')}); ${from} is read whole`);
  }
  const isPath = from.includes('/') || from.endsWith('.jsonl');
  const path = isPath ? resolve(from) : await localDataset(from, options);
  const { problems, withoutAnswer } = await readProblemFile(path, { leaveOutUnanswered: !isPath });
  const leftOut = withoutAnswer === 0 ? '' : ` (${withoutAnswer} left out: published without an answer)`;
  if (limit === undefined || limit >= problems.length) {
    return { problems, description: `${problems.length} problems of ${from}${leftOut}` };
  }
  const chosen = createRandom(`limit/${options.seed ?? 0}`)
    .shuffle(problems)
    .slice(0, limit);
  return { problems: chosen, description: `${limit} of ${problems.length} problems of ${from}${leftOut}` };
}

async function localDataset(name: string, options: ResolveOptions): Promise<string> {
  const path = await findLocalFile(name, options);
  if (path !== undefined) return path;
  const registered = DATASETS.map((dataset) => dataset.name);
  if (!registered.includes(name)) throw new UnknownDatasetError(name, [...GENERATORS, ...registered]);
  throw new ProblemFileError(
    `${name} is not on this machine: run "whencode data pull ${name}", or put ${name}.jsonl into the folder that ` +
      'WHENCODE_DATA_DIR names',
  );
}

function digestOf(problems: readonly Problem[]): string {
  const values = problems.map(({ id, problem, answer }) => [id, problem, answer]);
  return createHash('sha256').update(canonicalJson(values)).digest('hex');
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}
