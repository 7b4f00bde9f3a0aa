/** The only place that reads the environment. Everything else takes these values as parameters. */
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { ConfigError } from './config-error.ts';

/** Parts of an installation that need not be in its home folder. */
export interface Places {
  /** `postgres:` URL of the database of facts; undefined = embedded, in the home folder. Read by control alone. */
  readonly databaseUrl: string | undefined;
  /** The artifact store: a folder, or `s3://BUCKET/PREFIX`; undefined = in the home folder. */
  readonly store: string | undefined;
  /** What a bucket's trees may take on the disk of this machine. */
  readonly storeCacheBytes: number;
  /** URL of an S3 server other than AWS. Region and credentials are read by the S3 client itself. */
  readonly s3Endpoint: string | undefined;
}

export interface Environment extends Places {
  /** Campaigns, artifact store, databases and logs of one installation. Default `.whencode` in the working directory. */
  readonly home: string;
  /** Tools that set-up installs, shared by all clones of a user: `~/.cache/whencode`. */
  readonly cacheDirectory: string;
  /** Folder of local data sets in the documented format, looked up before a download; absent if not set. */
  readonly dataDirectory: string | undefined;
  /** Python with the trainer's packages; default: the one that set-up installed. */
  readonly python: string;
  /** Temporal CLI; default: the one that set-up installed. */
  readonly temporal: string;
  /** e.g. `unix:///var/run/docker.sock`; undefined = dockerode's default. */
  readonly dockerHost: string | undefined;
  /** Docker engines whose containers run the model's code; default: the one of DOCKER_HOST. */
  readonly sandboxHosts: readonly string[] | undefined;
  /**
   * Shell command that serves a model folder, with {model}, {name} and {port}: sampling then goes through it in place of
   * the embedded engine. See docs/served-models.md.
   */
  readonly samplerServer: string | undefined;
  /**
   * GPUs of the model server and of the trainer, as in CUDA_VISIBLE_DEVICES: all by index, or all by UUID. What both have
   * they use by turns. Absent: all that there are, at the same time.
   */
  readonly samplerGpus: readonly string[] | undefined;
  readonly trainerGpus: readonly string[] | undefined;
  /** Samples that a model server draws at a time, for each of its GPUs; absent: those of 64 requests in all. */
  readonly samplerSequences: number | undefined;
  /** API key that `sample --server` and `score --server` send to the server. */
  readonly samplerApiKey: string | undefined;
  /** Endpoint and token of the Hugging Face Hub, and the folder of its own client. */
  readonly hubEndpoint: string;
  readonly hubToken: string | undefined;
  readonly hubHome: string;
  /** File of the key that encrypts what goes through Temporal; undefined = `payload.key` in the home folder. */
  readonly payloadKeyFile: string | undefined;
  /** Temporal's own variables, which name a server other than the embedded one; see src/temporal/server.ts. */
  readonly temporalVariables: Readonly<Record<string, string>>;
  /** Variables that the libraries of experiment trackers get: their own, proxies and certificates. */
  readonly trackerVariables: Readonly<Record<string, string>>;
  readonly isCi: boolean;
}

export function readEnvironment(env: NodeJS.ProcessEnv = process.env): Environment {
  const cacheDirectory = resolve(
    env.WHENCODE_CACHE_DIR ?? join(env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'whencode'),
  );
  return {
    home: resolve(env.WHENCODE_HOME ?? '.whencode'),
    cacheDirectory,
    dataDirectory: env.WHENCODE_DATA_DIR === undefined ? undefined : resolve(env.WHENCODE_DATA_DIR),
    python: env.WHENCODE_PYTHON ?? join(cacheDirectory, 'trainer', 'bin', 'python'),
    temporal: env.WHENCODE_TEMPORAL ?? join(cacheDirectory, 'temporal', 'bin', 'temporal'),
    dockerHost: env.DOCKER_HOST,
    sandboxHosts: listOf(env.WHENCODE_SANDBOX_HOSTS ?? env.DOCKER_HOST)?.map((host) => withTls(host, env)),
    samplerServer: env.WHENCODE_SAMPLER_SERVER,
    ...gpusOf(env),
    samplerSequences: wholeOf('WHENCODE_SAMPLER_SEQUENCES', env),
    samplerApiKey: env.WHENCODE_SAMPLER_API_KEY,
    hubEndpoint: env.HF_ENDPOINT ?? 'https://huggingface.co',
    hubToken: env.HF_TOKEN,
    hubHome: env.HF_HOME ?? join(env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'huggingface'),
    payloadKeyFile: env.WHENCODE_PAYLOAD_KEY_FILE === undefined ? undefined : resolve(env.WHENCODE_PAYLOAD_KEY_FILE),
    databaseUrl: orUndefined(env.WHENCODE_DATABASE_URL),
    store: locationOf(orUndefined(env.WHENCODE_STORE)),
    storeCacheBytes: gigabytes('WHENCODE_STORE_CACHE_GB', env.WHENCODE_STORE_CACHE_GB ?? '100'),
    s3Endpoint: orUndefined(env.AWS_ENDPOINT_URL_S3) ?? orUndefined(env.AWS_ENDPOINT_URL),
    temporalVariables: variablesOf(env, TEMPORAL_VARIABLE),
    trackerVariables: variablesOf(env, TRACKER_VARIABLE),
    isCi: env.CI === 'true',
  };
}

const orUndefined = (text: string | undefined): string | undefined => (text === '' ? undefined : text);

/** A folder as an absolute path; URLs unchanged. */
const locationOf = (text: string | undefined): string | undefined =>
  text === undefined || /^[a-z][a-z0-9+.-]+:/.test(text) ? text : resolve(text);

function gigabytes(name: string, text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value > 0)) throw new ConfigError(`${name}="${text}": allowed are numbers above 0`);
  return value * 1e9;
}

const TRACKER_VARIABLE =
  /^(?:(?:WANDB|MLFLOW|TRACKIO|DATABRICKS)_.+|HF_TOKEN|PATH|HOME|LANG|LC_ALL|TMPDIR|SSL_CERT_(?:FILE|DIR)|REQUESTS_CA_BUNDLE|(?:https?|no|all)_proxy)$/i;

/** With the folders of Temporal's own configuration file. */
const TEMPORAL_VARIABLE = /^(?:TEMPORAL_.+|XDG_CONFIG_HOME|HOME|APPDATA)$/;

const variablesOf = (env: NodeJS.ProcessEnv, wanted: RegExp): Record<string, string> =>
  Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value !== undefined && wanted.test(name) ? [[name, value]] : [])),
  );

/** Docker's own variables for TLS, in the form of an address: `https://host:2376?certs=FOLDER`. */
function withTls(host: string, env: NodeJS.ProcessEnv): string {
  const address = /^tcp:\/\/(.+?)\/?$/.exec(host)?.[1];
  if (address === undefined || env.DOCKER_TLS_VERIFY === undefined || env.DOCKER_TLS_VERIFY === '') return host;
  const certs = env.DOCKER_CERT_PATH ?? join(homedir(), '.docker');
  return `https://${address}?certs=${encodeURIComponent(certs)}`;
}

/** The values of `~` and `${NAME}` in the paths of a campaign file. */
export const readPathVariables = (env: NodeJS.ProcessEnv = process.env) => ({ homeFolder: homedir(), variables: env });

/** @throws ConfigError */
function wholeOf(name: string, env: NodeJS.ProcessEnv): number | undefined {
  const text = env[name];
  if (text === undefined || text === '') return undefined;
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1) return value;
  throw new ConfigError(`${name} is ${JSON.stringify(text)}; it has to be a whole number from 1, or not set`);
}

function listOf(text: string | undefined): string[] | undefined {
  const items = text?.split(',').map((item) => item.trim()) ?? [];
  const given = items.filter((item) => item !== '');
  return given.length === 0 ? undefined : given;
}

/** @throws ConfigError where one GPU may have two names: nobody would know that it is one, and both would use it at once */
function gpusOf(env: NodeJS.ProcessEnv): Pick<Environment, 'samplerGpus' | 'trainerGpus'> {
  const samplerGpus = listOf(env.WHENCODE_SAMPLER_GPUS);
  const trainerGpus = listOf(env.WHENCODE_TRAINER_GPUS);
  const named = [...(samplerGpus ?? []), ...(trainerGpus ?? [])];
  const indices = named.filter((gpu) => /^\d+$/.test(gpu));
  if (indices.length === 0 || indices.length === named.length) return { samplerGpus, trainerGpus };
  throw new ConfigError(
    `GPUs are named in two forms (WHENCODE_SAMPLER_GPUS="${env.WHENCODE_SAMPLER_GPUS ?? ''}", ` +
      `WHENCODE_TRAINER_GPUS="${env.WHENCODE_TRAINER_GPUS ?? ''}"); allowed are indices alone (0,1) or UUIDs alone ` +
      `(GPU-…) in both, so that a GPU which both name is known as one; nvidia-smi -L lists each index with its UUID`,
  );
}

/** Whether there is a screen that a browser can show itself on. */
export const hasScreen = (env: NodeJS.ProcessEnv = process.env, platform = process.platform): boolean =>
  platform === 'darwin' || (platform === 'linux' && Boolean(env.DISPLAY || env.WAYLAND_DISPLAY));
