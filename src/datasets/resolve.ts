/** Resolves `problems:` of a campaign file: a generator, a data set by name, or a file. */
import { createHash } from 'node:crypto';
import { access, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { ProblemsConfig } from '../config/campaign.ts';
import { parseProblemSource } from '../config/problem-source.ts';
import { GENERATORS, type GeneratorName } from '../config/training-sections.ts';
import { canonicalJson } from '../formats/canonical-json.ts';
import { createRandom } from '../formats/random.ts';
import type { Problem } from '../rollout/types.ts';
import { checkSolutions } from './check-solutions.ts';
import { chooseFromFolder, fetchHubDataset, type HubOptions } from './hub.ts';
import { generateOneStep } from './one-step.ts';
import { ProblemFileError, type ProblemFormat, type ReadProblems, readProblemFile } from './problem-file.ts';
import { DATASETS, UnknownDatasetError } from './registry.ts';
import { generateTestbed, toProblem } from './testbed/generate.ts';

/** Generated at once and held in memory. */
const MOST_GENERATED = 200_000;

export interface ResolveOptions extends HubOptions {
  /** Folder of local data sets, looked up first: `<name>.jsonl`. */
  readonly dataDirectory?: string | undefined;
  /** Seed of generators, and of the order from which `limit` takes the first problems. Default 0. */
  readonly seed?: number;
}

export interface ResolvedProblems {
  readonly problems: readonly Problem[];
  /** SHA-256 of the problems in order: equal digests mean equal problems, independent of their source. */
  readonly digest: string;
  /** One line for people, e.g. `50 of 500 problems of math500`. */
  readonly description: string;
}

/**
 * @throws UnknownDatasetError or ProblemFileError, whose messages advise what to do
 * @example const { problems, digest } = await resolveProblems({ from: 'math500', limit: 50 }, { cacheDirectory });
 */
export async function resolveProblems(config: ProblemsConfig, options: ResolveOptions): Promise<ResolvedProblems> {
  const generator = GENERATORS.find((name) => name === config.from);
  const described =
    generator === undefined ? await fromFile(config, options) : generate(generator, config, options.seed ?? 0);
  return { ...described, digest: digestOf(described.problems) };
}

/** Path of the local copy of a data set; undefined if there is none. */
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

/** The folder that `data pull` writes to. */
export function pulledFolder(cacheDirectory: string): string {
  return join(cacheDirectory, 'data');
}

type Described = Pick<ResolvedProblems, 'problems' | 'description'>;

const SPLITS = ['train', 'held-out', 'unseen'] as const;

function generate(name: GeneratorName, { split: asked = 'train', limit }: ProblemsConfig, seed: number): Described {
  const split = SPLITS.find((known) => known === asked);
  if (split === undefined) throw new ProblemFileError(`${name} has the splits ${SPLITS.join(', ')}, not ${asked}`);
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

async function fromFile(config: ProblemsConfig, options: ResolveOptions): Promise<Described> {
  const { from, limit } = config;
  const { problems, solutions, withoutAnswer } = await readSet(config, options);
  const leftOut = withoutAnswer === 0 ? '' : ` (${withoutAnswer} left out: published without an answer)`;
  if (limit === undefined || limit >= problems.length) {
    checkSolutions(from, problems, solutions);
    return { problems, description: `${problems.length} problems of ${from}${leftOut}` };
  }
  const chosen = createRandom(`limit/${options.seed ?? 0}`)
    .shuffle(problems)
    .slice(0, limit);
  checkSolutions(from, chosen, solutions);
  return { problems: chosen, description: `${limit} of ${problems.length} problems of ${from}${leftOut}` };
}

/** Reads all problems; `limit` applies later. A set of several files numbers its rows by file. */
async function readSet(config: ProblemsConfig, options: ResolveOptions): Promise<ReadProblems> {
  const format = formatOf(config);
  // In a user's own file a problem without an answer is an error; published sets have such problems.
  const leaveOutUnanswered = parseProblemSource(config.from).kind !== 'path';
  const parts: ReadProblems[] = [];
  for (const path of await findFiles(config, options))
    parts.push(await readProblemFile(path, { leaveOutUnanswered, format }));
  return {
    problems: parts.flatMap(({ problems }) => problems),
    solutions: new Map(parts.flatMap(({ solutions }) => [...solutions])),
    withoutAnswer: parts.reduce((sum, part) => sum + part.withoutAnswer, 0),
  };
}

/** Files of a registered data set, a file, a folder of files, or a data set of the Hub; none of a generator. */
export async function findFiles(config: ProblemsConfig, options: ResolveOptions): Promise<string[]> {
  const { from } = config;
  const source = parseProblemSource(from);
  if (source.kind === 'name') {
    if (GENERATORS.some((name) => name === from)) return [];
    refuseSplit(config);
    return [await localDataset(from, options)];
  }
  const path = resolve(from);
  const status = await stat(path).catch(() => undefined);
  if (status === undefined && source.kind === 'hub') return fetchHubDataset(hubOf(config), options);
  if (status?.isDirectory() === true) return chooseFromFolder(path, hubOf(config));
  refuseSplit(config);
  return [path];
}

function refuseSplit({ from, split, config }: ProblemsConfig): void {
  if (split === undefined && config === undefined) return;
  throw new ProblemFileError(
    `"split" and "config" are for generators (${GENERATORS.join(', ')}), folders and data sets of the Hub; ${from} is read whole`,
  );
}

const given = <T extends object>(fields: T) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };

/** The column settings of a campaign file. */
export const formatOf = ({ problem, answer, id, gold }: ProblemsConfig): ProblemFormat =>
  given({ problem, answer, id, gold });

const hubOf = ({ from, config, split, revision }: ProblemsConfig) => ({
  id: from,
  ...given({ config, split, revision }),
});

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
