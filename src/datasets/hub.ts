/**
 * Data sets of the Hugging Face Hub: files of a local snapshot, or downloaded into the cache of this project. A snapshot
 * is a commit, so a download never changes afterwards.
 */
import { access, mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DATA_ENDINGS, endingOf } from '../config/problem-source.ts';
import { type DownloadOptions, downloadTo } from './download.ts';
import { fetchWithin } from './fetch-within.ts';
import { ProblemFileError } from './problem-file.ts';

const HUB = 'https://huggingface.co';

export interface HubOptions extends Pick<DownloadOptions, 'fetch' | 'attempts' | 'retryDelayMs'> {
  /** Downloads go to its `data/hub` folder. */
  readonly cacheDirectory: string;
  /** Address of the Hub; default `https://huggingface.co` (HF_ENDPOINT). */
  readonly hubEndpoint?: string | undefined;
  /** Access token for data sets that require one (HF_TOKEN). */
  readonly hubToken?: string | undefined;
  /** Folder of the Hub's own client, looked up first (HF_HOME): its `hub/datasets--OWNER--NAME/snapshots`. */
  readonly hubHome?: string | undefined;
}

export interface HubDataset {
  readonly id: string;
  readonly config?: string;
  readonly split?: string;
  /** Branch, tag or commit; default `main`. */
  readonly revision?: string;
}

/**
 * Local files of the data set. Missing files are downloaded.
 *
 * @returns paths of the files of the config and split, in the order of their names
 * @throws ProblemFileError that explains how to get the files if the Hub can't be reached, or lists configs and splits
 */
export async function fetchHubDataset(dataset: HubDataset, options: HubOptions): Promise<string[]> {
  const local = await findSnapshot(dataset, options);
  if (local !== undefined) return chooseFromFolder(local, dataset);
  const endpoint = options.hubEndpoint ?? HUB;
  const { commit, files } = await listRemoteFiles(dataset, endpoint, options);
  const folder = join(hubFolder(dataset.id, options.cacheDirectory), commit);
  const chosen = chooseFiles(files, dataset);
  for (const file of chosen) {
    const path = join(folder, file);
    if (await exists(path)) continue;
    await mkdir(dirname(path), { recursive: true });
    await explained(dataset.id, () =>
      downloadTo(`${endpoint}/datasets/${dataset.id}/resolve/${commit}/${encodeURI(file)}`, `${path}.part`, {
        ...options,
        fetch: authorised(options),
      }),
    );
    await rename(`${path}.part`, path);
  }
  await writeFile(join(folder, '..', refName(dataset)), commit);
  return chosen.map((file) => join(folder, file));
}

/** Files of a folder that a person downloaded, e.g. with `hf download`, by config and split. */
export async function chooseFromFolder(folder: string, dataset: Omit<HubDataset, 'revision'>): Promise<string[]> {
  const names = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = names
    // In the Hub's own cache every file is a link to a blob.
    .filter((entry) => entry.isFile() || entry.isSymbolicLink())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
  return chooseFiles(files, dataset).map((file) => join(folder, file));
}

/** @throws ProblemFileError unless exactly one config and split matches */
function chooseFiles(files: readonly string[], { id, config, split }: HubDataset): string[] {
  const data = files
    .filter((file) => endingOf(file) !== undefined && !/(?:^|\/)(?:\.|dataset_infos\.json$)/.test(file))
    .sort();
  const ofConfig = config === undefined ? data : data.filter((file) => partsOf(file).includes(config));
  const ofSplit = split === undefined ? ofConfig : ofConfig.filter((file) => splitOf(file) === split);
  const refuse = (what: string, of: readonly string[]): never => {
    const names = [...new Set(of)].sort().join(', ');
    throw new ProblemFileError(`${id}: ${what}; there are ${names === '' ? 'no data files' : names}`);
  };
  if (ofConfig.length === 0) refuse(config === undefined ? 'no data files' : `no config "${config}"`, data);
  if (ofSplit.length === 0) refuse(`no split "${split}"`, ofConfig.map(splitOf));
  const configs = new Set(ofSplit.map((file) => dirname(file)));
  if (config === undefined && configs.size > 1) refuse('say which config with "config"', [...configs]);
  const splits = new Set(ofSplit.map(splitOf));
  if (splits.size > 1) refuse('say which split with "split"', [...splits]);
  // A data set may hold the same rows in several formats.
  const ending = DATA_ENDINGS.findLast((known) => ofSplit.some((file) => endingOf(file) === known));
  return ofSplit.filter((file) => endingOf(file) === ending);
}

const partsOf = (file: string): string[] => file.split(/[/]/).flatMap((part) => [part, part.replace(/\.[a-z]+$/, '')]);

/** `train` of `main/train-00000-of-00001.parquet`, `data/train.jsonl`, `train/0000.parquet`. */
function splitOf(file: string): string {
  const name = file.slice(file.lastIndexOf('/') + 1).replace(/\.[a-z]+$/i, '');
  const bare = name.replace(/-\d{5}-of-\d{5}$/, '');
  return /^\d+$/.test(bare) ? (dirname(file).split('/').at(-1) ?? bare) : bare;
}

interface RemoteFiles {
  readonly commit: string;
  readonly files: readonly string[];
}

async function listRemoteFiles(
  { id, revision = 'main' }: HubDataset,
  endpoint: string,
  options: HubOptions,
): Promise<RemoteFiles> {
  const url = `${endpoint}/api/datasets/${id}/revision/${encodeURIComponent(revision)}`;
  return explained(id, async () => {
    const response = await fetchWithin(authorised(options), url);
    if (response.status === 404) throw new Error(`the Hub has no data set ${id} with the revision "${revision}"`);
    if (response.status === 401 || response.status === 403)
      throw new Error('the Hub asks for a token: set HF_TOKEN, and accept the terms on its page where it has any');
    if (!response.ok) throw new Error(`the Hub answered ${response.status}`);
    const { sha, siblings } = (await response.json()) as { sha: string; siblings: { rfilename: string }[] };
    if (!/^[0-9a-f]{7,64}$/.test(sha)) throw new Error('the Hub named no commit');
    // A file name from a server must not leave the folder that it is written to.
    const files = siblings
      .map(({ rfilename }) => rfilename)
      .filter((name) => !/(?:^|[\\/])\.\.?(?:[\\/]|$)|^[\\/]/.test(name));
    return { commit: sha, files };
  });
}

async function explained<T>(id: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ProblemFileError) throw error;
    const cause = error instanceof Error && error.cause instanceof Error ? ` (${error.cause.message})` : '';
    throw new ProblemFileError(
      `${id} is not on this machine and could not be fetched: ${error instanceof Error ? error.message : error}${cause}; ` +
        `fetch it where the Hub can be reached with \`hf download ${id} --repo-type dataset --local-dir DIR\` and give the folder: from: DIR`,
    );
  }
}

/** `fetch` with the token. Only the Hub itself receives the token, and no host that it redirects to. */
function authorised({ fetch: request = fetch, hubToken, hubEndpoint = HUB }: HubOptions): typeof fetch {
  if (hubToken === undefined) return request;
  return (input, init) => {
    const isHub = new URL(input instanceof Request ? input.url : input).origin === new URL(hubEndpoint).origin;
    const authorization = isHub ? { authorization: `Bearer ${hubToken}` } : {};
    return request(input, { ...init, headers: { ...(init?.headers as Record<string, string>), ...authorization } });
  };
}

/** A local snapshot of the revision, in the project's cache or in that of the Hub's own client. */
async function findSnapshot(dataset: HubDataset, options: HubOptions): Promise<string | undefined> {
  const { id, revision = 'main' } = dataset;
  const own = hubFolder(id, options.cacheDirectory);
  const pinned = await readFile(join(own, refName(dataset)), 'utf8').catch(() => undefined);
  if (pinned !== undefined) return join(own, pinned);
  if (options.hubHome === undefined) return undefined;
  const theirs = join(options.hubHome, 'hub', `datasets--${id.replace('/', '--')}`);
  const commit = await readFile(join(theirs, 'refs', revision), 'utf8').catch(() => revision);
  const folder = join(theirs, 'snapshots', commit.trim());
  return (await exists(folder)) ? folder : undefined;
}

const hubFolder = (id: string, cacheDirectory: string): string =>
  join(cacheDirectory, 'data', 'hub', id.replace('/', '--'));

/** Records the commit that a revision resolved to; written after all of its files. */
const refName = ({ config = '', split = '', revision = 'main' }: HubDataset): string =>
  `ref-${[revision, config, split].map(encodeURIComponent).join('+')}`;

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
