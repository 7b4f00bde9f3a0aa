/** Which Temporal server an installation uses, and how it is let in. */
import { readFileSync } from 'node:fs';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import type { NativeConnectionOptions } from '@temporalio/worker';
import { ConfigError } from '../config/config-error.ts';

/** Of the embedded server, and of others where nothing names one. */
export const NAMESPACE = 'whencode';

export interface TemporalServer extends Pick<NativeConnectionOptions, 'tls' | 'apiKey' | 'metadata'> {
  /** e.g. `127.0.0.1:7233` */
  readonly address: string;
  readonly namespace: string;
}

type Variables = Readonly<Record<string, string>>;

/** The server that `whencode up` starts by itself. */
export const embeddedServer = (port: number): TemporalServer => ({
  address: `127.0.0.1:${port}`,
  namespace: NAMESPACE,
});

/** One of these says that there is a server. Without them the file of Temporal's other tools is not read. */
const NAMING = ['TEMPORAL_ADDRESS', 'TEMPORAL_PROFILE', 'TEMPORAL_CONFIG_FILE'] as const;
const PAIR = ['TEMPORAL_TLS_CLIENT_CERT', 'TEMPORAL_TLS_CLIENT_KEY'] as const;

/**
 * The server that Temporal's own variables name: TEMPORAL_ADDRESS, or a profile of a `temporal.toml`. Undefined where none
 * is named. Empty variables count as unset.
 *
 * @param variables - `Environment.temporalVariables`
 * @param address - In place of TEMPORAL_ADDRESS
 * @throws ConfigError for a file or profile that can't be read, and where it names no address
 * @example readTemporalServer({ TEMPORAL_ADDRESS: 'temporal.internal:7233', TEMPORAL_NAMESPACE: 'math' })
 */
export function readTemporalServer(variables: Variables, address?: string): TemporalServer | undefined {
  const given = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ''));
  const env = address === undefined ? given : { ...given, TEMPORAL_ADDRESS: address };
  const naming = NAMING.filter((name) => env[name] !== undefined);
  if (naming.length === 0) return undefined;
  requirePair(env);
  const { namespace = NAMESPACE, connectionOptions } = load(env);
  const { address: named, tls, apiKey, metadata } = connectionOptions;
  if (named === undefined)
    throw new ConfigError(`${naming.join(', ')}: the profile names no address; add one, or set TEMPORAL_ADDRESS`);
  return {
    address: named,
    namespace,
    ...(tls === undefined ? {} : { tls }),
    ...(apiKey === undefined ? {} : { apiKey }),
    ...(metadata === undefined ? {} : { metadata }),
  };
}

function load(env: Variables): ReturnType<typeof loadClientConnectConfig> {
  const { TEMPORAL_CONFIG_FILE: file } = env;
  try {
    // Read here, because the library passes over a file that is absent.
    const configSource = file === undefined ? {} : { configSource: { data: readFileSync(file, 'utf8') } };
    return loadClientConnectConfig({ overrideEnvVars: { ...env }, ...configSource });
  } catch (error) {
    throw new ConfigError(
      `the settings of the Temporal server can't be read (${error instanceof Error ? error.message : error}); ` +
        `see the variables TEMPORAL_…${file === undefined ? '' : ` and ${file}`}`,
    );
  }
}

/** Of a certificate without its key the library makes a connection without a certificate. */
function requirePair(env: Variables): void {
  const [certificate, key] = PAIR.map((name) => env[`${name}_PATH`] ?? env[`${name}_DATA`]);
  if ((certificate === undefined) === (key === undefined)) return;
  throw new ConfigError(`of ${PAIR.join('_PATH and ')}_PATH only one is set; set both, or none`);
}
