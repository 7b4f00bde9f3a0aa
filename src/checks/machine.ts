import { access, constants, readdir, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { callDocker, describeExposure } from '../../infra/setup/docker-api.mjs';
import { isSupportedNode } from '../../infra/setup/node-version.mjs';
import { tryCommand } from '../../infra/setup/run-command.mjs';
import type { Finding, SetupContext } from '../../infra/setup/types.d.ts';
import { findOpenToOthers } from '../process/private-home.ts';

/** Checks of prerequisites that set-up doesn't install. */

const GIGABYTE = 1e9;
/** With less free space, a demo fills the disk while it runs. */
const LEAST_FREE_BYTES = 2 * GIGABYTE;
/**
 * With less free space, a campaign of a model of a few hundred million parameters fills the disk (checkpoints,
 * rollouts).
 */
const COMFORTABLE_FREE_BYTES = 10 * GIGABYTE;
const PYTHON_PROGRAM = `
import json, torch, transformers, safetensors, peft
cuda = torch.cuda.is_available()
device = torch.cuda.get_device_name(0) if cuda else f"CPU, {torch.get_num_threads()} threads"
print(json.dumps([torch.__version__, transformers.__version__, device]))
`;
const PYTHON_TIMEOUT_MS = 120_000;

export function checkNode(version: string): Finding {
  if (isSupportedNode(version)) return { status: 'ok', detail: version };
  return { status: 'fail', detail: version, remedy: 'install Node 20.19 or newer (https://nodejs.org)' };
}

/** Imports the trainer's packages. Takes seconds, more after a fresh install. */
export async function checkTrainerImports({ python }: SetupContext): Promise<Finding> {
  const answer = await tryCommand(python, ['-c', PYTHON_PROGRAM], PYTHON_TIMEOUT_MS);
  const line = answer?.split('\n').at(-1);
  if (line === undefined) {
    const remedy = `see why: ${python} -c 'import torch, transformers, safetensors, peft'; then: npm run setup`;
    return { status: 'fail', detail: 'the trainer’s packages can’t be imported', remedy };
  }
  const [torch, transformers, device] = JSON.parse(line) as [string, string, string];
  return { status: 'ok', detail: `torch ${torch}, transformers ${transformers}, on ${device}` };
}

/** @param hosts as in WHENCODE_SANDBOX_HOSTS; those with TLS are `https://` */
export function checkExposure(hosts: readonly string[] = []): Finding {
  const exposed = hosts.flatMap((host) => describeExposure(host, false) ?? []);
  if (exposed.length === 0) return { status: 'ok', detail: hosts.length === 0 ? 'the local engine' : hosts.join(', ') };
  const remedy = 'use ssh://USER@HOST, or TLS: DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH (docs/sandbox.md)';
  return { status: 'warn', detail: exposed.join('; '), remedy };
}

interface DockerInfo {
  readonly SecurityOptions?: readonly string[];
  readonly MemoryLimit?: boolean;
  readonly PidsLimit?: boolean;
}

/** Checks that the engine can enforce the sandbox's limits. */
export async function checkSandboxLimits({ dockerHost }: SetupContext): Promise<Finding> {
  try {
    const info = JSON.parse((await callDocker(dockerHost, 'GET', '/info')).body) as DockerInfo;
    const missing = [
      ...(info.SecurityOptions?.some((option) => option.includes('seccomp')) ? [] : ['seccomp']),
      ...(info.MemoryLimit ? [] : ['memory limit']),
      ...(info.PidsLimit ? [] : ['process limit']),
    ];
    if (missing.length === 0) return { status: 'ok', detail: 'seccomp, memory and process limits' };
    const remedy = 'use an engine with cgroups and seccomp, before code of a model that you do not trust is run';
    return { status: 'warn', detail: `the engine can't enforce: ${missing.join(', ')}`, remedy };
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return { status: 'fail', detail, remedy: 'first the Docker engine' };
  }
}

/** @param directory may be absent */
export async function checkFreeSpace(directory: string): Promise<Finding> {
  let existing = directory;
  while (!(await isThere(existing))) existing = dirname(existing);
  const { bavail, bsize } = await statfs(existing);
  return judgeFreeSpace(bavail * bsize, directory);
}

export function judgeFreeSpace(freeBytes: number, directory: string): Finding {
  const detail = `${(freeBytes / GIGABYTE).toFixed(1)} GB free for ${directory}`;
  if (freeBytes >= COMFORTABLE_FREE_BYTES) return { status: 'ok', detail };
  const remedy = `free some space, or set WHENCODE_HOME to a folder on a larger disk`;
  return { status: freeBytes >= LEAST_FREE_BYTES ? 'warn' : 'fail', detail, remedy };
}

/** @param home may be absent: a start makes it private */
export async function checkHomePrivate(home: string): Promise<Finding> {
  const path = await findOpenToOthers(home);
  if (path === undefined) return { status: 'ok', detail: `${home} is its owner's alone` };
  return { status: 'warn', detail: `other users of this machine may use ${path}`, remedy: `chmod go-rwx ${path}` };
}

/** @param directory WHENCODE_DATA_DIR; undefined is valid */
export async function checkDataDirectory(directory: string | undefined): Promise<Finding> {
  if (directory === undefined) return { status: 'ok', detail: 'WHENCODE_DATA_DIR is not set: only pulled data sets' };
  if (!(await isThere(directory))) {
    const remedy = 'correct or unset WHENCODE_DATA_DIR';
    return { status: 'fail', detail: `WHENCODE_DATA_DIR=${directory} can't be read`, remedy };
  }
  const files = (await readdir(directory)).filter((name) => name.endsWith('.jsonl'));
  return { status: 'ok', detail: `${directory}, ${files.length} JSON-lines files` };
}

function isThere(path: string): Promise<boolean> {
  return access(path, constants.R_OK).then(
    () => true,
    () => false,
  );
}
