/** A Docker host as the pool uses it: a deadline for every call, and error messages that name the remedy. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Docker, { type ImageInspectInfo } from 'dockerode';

/** Docker, the image or a protection is missing. Nothing can run, and the message names the remedy. */
export class SandboxUnavailableError extends Error {
  override readonly name = 'SandboxUnavailableError';
}

const REMEDY = 'Run `whencode doctor` to see what is missing and `npm run setup` to install it.';

/**
 * @param host `unix:///path`, `tcp://host:port`, `https://host:port?certs=DIR` (DIR holds ca.pem, cert.pem, key.pem)
 *   or `ssh://user@host`; undefined leaves the choice to DOCKER_HOST and Docker's default.
 */
export function connectDocker(host?: string): Docker {
  if (host === undefined || host === '') return new Docker();
  const url = parseHost(host);
  switch (url.protocol) {
    case 'unix:':
    case 'npipe:':
      return new Docker({ socketPath: url.pathname });
    case 'ssh:':
      return new Docker({
        protocol: 'ssh',
        host: url.hostname,
        port: url.port === '' ? 22 : url.port,
        ...(url.username === '' ? {} : { username: decodeURIComponent(url.username) }),
      });
    case 'tcp:':
    case 'http:':
      return new Docker({ protocol: 'http', host: url.hostname, port: url.port === '' ? 2375 : url.port });
    case 'https:': {
      const directory = url.searchParams.get('certs');
      const read = (file: string) =>
        directory === null ? {} : { [file]: readFileSync(join(directory, `${file}.pem`)) };
      const port = url.port === '' ? 2376 : url.port;
      return new Docker({
        protocol: 'https',
        host: url.hostname,
        port,
        ...read('ca'),
        ...read('cert'),
        ...read('key'),
      });
    }
    default:
      throw new SandboxUnavailableError(`Docker host "${host}" is not unix://, tcp://, https:// or ssh://.`);
  }
}

function parseHost(host: string): URL {
  try {
    return new URL(host);
  } catch {
    throw new SandboxUnavailableError(
      `Docker host "${host}" is not an address; write e.g. unix:///var/run/docker.sock.`,
    );
  }
}

export interface DockerHost {
  readonly name: string;
  readonly docker: Docker;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly engineVersion: string;
  readonly cgroup: string;
  /** The image as this host names it. */
  readonly imageId: string;
  /** Digest of the image's files and environment: equal builds have equal ones, whenever they were made. */
  readonly imageContent: string;
}

/** Queries the engine and the image. @throws SandboxUnavailableError with the remedy */
export async function openDockerHost(host: string | undefined, image: string): Promise<DockerHost> {
  const docker = connectDocker(host);
  const name = host ?? 'the default Docker host';
  const info = await withDeadline('asking Docker for its state', 10_000, () => docker.info()).catch(
    (error: unknown) => {
      throw new SandboxUnavailableError(`No Docker engine answers on ${name} (${describeError(error)}). ${REMEDY}`);
    },
  );
  const found = await withDeadline('looking for the image', 10_000, () => docker.getImage(image).inspect()).catch(
    (error: unknown) => {
      throw new SandboxUnavailableError(
        `The sandbox image "${image}" is not on ${name} (${describeError(error)}). ${REMEDY}`,
      );
    },
  );
  return {
    name,
    docker,
    cores: info.NCPU,
    memoryBytes: info.MemTotal,
    engineVersion: info.ServerVersion,
    cgroup: `v${info.CgroupVersion ?? '1'}`,
    imageId: found.Id,
    imageContent: contentOf(found),
  };
}

/** The image's id has the time of the build in it; its layers have not. */
export function contentOf({ RootFS, Config }: Pick<ImageInspectInfo, 'RootFS' | 'Config'>): string {
  return createHash('sha256')
    .update(JSON.stringify([RootFS.Layers, Config.Env]))
    .digest('hex');
}

/** A call that hangs must not hang the pool. The search for orphans removes what a late call creates. */
export async function withDeadline<T>(what: string, limitMs: number, call: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took more than ${limitMs} ms`)), limitMs);
  });
  try {
    return await Promise.race([call(), deadline]);
  } finally {
    clearTimeout(timer);
  }
}

export function describeError(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
