/** Checks that this machine can run a campaign: disk space for its output, and an engine for the code it runs. */
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { dockerEngine } from '../../infra/setup/docker-engine.mjs';
import { sandboxImage } from '../../infra/setup/sandbox-image.mjs';
import { storeFolder } from '../artifacts/open-store.ts';
import type { Environment } from '../config/environment.ts';
import { errorCode } from '../formats/error-code.ts';
import { formatBytes } from '../formats/for-people.ts';
import { toSetupContext } from './examine.ts';
import { MachineError } from './machine-error.ts';

/** @param neededBytes upper bound of what the campaign writes */
export async function checkMachine(environment: Environment, neededBytes: number): Promise<void> {
  const { home, store } = environment;
  if (store === undefined)
    await checkRoom(home, neededBytes, 'put the home folder on a larger disk (--home, WHENCODE_HOME)');
  else {
    // Of a bucket no disk of this machine says anything.
    const folder = storeFolder(store);
    if (folder !== undefined)
      await checkRoom(folder, neededBytes, 'put the artifact store on a larger disk (WHENCODE_STORE)');
  }
  await checkSandbox(environment);
}

async function checkRoom(folder: string, neededBytes: number, remedy: string): Promise<void> {
  const freeBytes = await freeBytesAt(folder);
  if (freeBytes >= neededBytes) return;
  throw new MachineError(
    `the campaign may write up to ${formatBytes(neededBytes)}, and ${formatBytes(freeBytes)} are free for ${folder}; ` +
      `free some space, ${remedy}, or plan fewer iterations and extend later`,
  );
}

/** Free bytes of the disk that holds the folder, or will hold it. */
async function freeBytesAt(folder: string): Promise<number> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch (error) {
    if (errorCode(error) !== 'ENOENT' || dirname(folder) === folder) throw error;
    return freeBytesAt(dirname(folder));
  }
}

/** Needed by every method, because all of them run the model's code. */
async function checkSandbox(environment: Environment): Promise<void> {
  const context = toSetupContext(environment);
  const engine = await dockerEngine.check(context);
  if (engine.status === 'fail')
    throw new MachineError(
      `no Docker engine answers (${engine.detail}), and the model's code needs one: ${engine.remedy}`,
    );
  const image = await sandboxImage.check(context);
  if (image.status === 'fail') throw new MachineError(`the sandbox's image ${image.detail}; ${image.remedy} makes it`);
}
