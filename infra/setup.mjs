import { access, constants, mkdir, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium } from './setup/chromium.mjs';
import { readContext } from './setup/context.mjs';
import { dockerEngine } from './setup/docker-engine.mjs';
import { eightBitOptimizer } from './setup/eight-bit-optimizer.mjs';
import { withLock } from './setup/lock.mjs';
import { isSupportedNode } from './setup/node-version.mjs';
import { npmPackages } from './setup/npm-packages.mjs';
import { postgresql } from './setup/postgresql.mjs';
import { CommandError, stopRunningCommands } from './setup/run-command.mjs';
import { sandboxImage } from './setup/sandbox-image.mjs';
import { SetupError } from './setup/setup-error.mjs';
import { temporalServer } from './setup/temporal-server.mjs';
import { trainerPython } from './setup/trainer-python.mjs';
import { versitygw } from './setup/versitygw.mjs';

/**
 * Installs everything that the commands of this repository need, and skips what is installed. It is plain Node without
 * packages, because it runs before they are installed. `--test` adds what only the tests need, `--8bit` the package of
 * the optimizer `adamw-8bit`.
 */

const STILL_AT_WORK_MS = 10_000;
const PARTS = [npmPackages, dockerEngine, sandboxImage, temporalServer, trainerPython];
const MORE_PARTS = {
  '--8bit': [eightBitOptimizer],
  '--test': [eightBitOptimizer, chromium, postgresql, versitygw],
};
const startedAt = Date.now();

/** @param {string} line */
function print(line) {
  console.log(`[set-up ${((Date.now() - startedAt) / 1000).toFixed(0).padStart(4)} s] ${line}`);
}

/** @param {string} path */
async function readFreeBytes(path) {
  const { bavail, bsize } = await statfs(path);
  return bavail * bsize;
}

/** @param {number} bytes */
function inGigabytes(bytes) {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}

/**
 * @param {import('./setup/types.d.ts').SetupPart} part
 * @param {import('./setup/types.d.ts').SetupContext} context
 */
async function install(part, context) {
  const freeBytes = await readFreeBytes(context.cacheDirectory);
  if (freeBytes < part.neededBytes) {
    const advice = `free some space, or set WHENCODE_CACHE_DIR to a directory on a larger disk`;
    throw new SetupError(`${inGigabytes(freeBytes)} are free, ${inGigabytes(part.neededBytes)} are needed`, advice);
  }
  print(`${part.name}: ${part.announcement}`);
  const partStartedAt = Date.now();
  const timer = setInterval(async () => {
    const seconds = Math.round((Date.now() - partStartedAt) / 1000);
    const written = freeBytes - (await readFreeBytes(context.cacheDirectory));
    print(`${part.name}: … ${seconds} s${written > 2e7 ? `, ${inGigabytes(written)} written` : ''}`);
  }, STILL_AT_WORK_MS);
  try {
    await part.install(context, (line) => print(`${part.name}: ${line}`));
  } finally {
    clearInterval(timer);
  }
}

/**
 * @param {import('./setup/types.d.ts').SetupPart} part
 * @param {import('./setup/types.d.ts').SetupContext} context
 * @returns {Promise<import('./setup/types.d.ts').Finding>}
 */
async function bringUp(part, context) {
  const first = await part.check(context);
  if (first.status === 'ok') return first;
  const lock = join(context.cacheDirectory, 'set-up.lock');
  const onWait = (/** @type {string} */ holder) => print(`${part.name}: waits for another set-up (${holder})`);
  return withLock(
    lock,
    async () => {
      const second = await part.check(context);
      if (second.status === 'ok') return second;
      await install(part, context);
      return part.check(context);
    },
    { onWait },
  );
}

async function main() {
  const args = process.argv.slice(2);
  const unknown = args.find((argument) => !Object.hasOwn(MORE_PARTS, argument));
  if (unknown !== undefined) {
    console.error(
      `unknown argument ${unknown}; allowed: --test (adds what only the tests need), --8bit (adds the package of the optimizer adamw-8bit)`,
    );
    return 2;
  }
  if (!isSupportedNode(process.versions.node)) {
    console.error(`Node ${process.versions.node} is too old; 20.19 or newer is needed (https://nodejs.org)`);
    return 1;
  }
  const context = readContext();
  try {
    await mkdir(context.cacheDirectory, { recursive: true });
    await access(context.cacheDirectory, constants.W_OK);
  } catch (error) {
    print(`${context.cacheDirectory} can't be written: ${/** @type {Error} */ (error).message}`);
    print('  to do: set WHENCODE_CACHE_DIR to a folder of yours with about 6 GB free');
    return 1;
  }
  let failed = 0;
  const more = Object.entries(MORE_PARTS).flatMap(([argument, parts]) => (args.includes(argument) ? parts : []));
  for (const part of new Set([...PARTS, ...more])) {
    try {
      const { status, detail, remedy } = await bringUp(part, context);
      print(`${part.name}: ${status}, ${detail}`);
      if (remedy !== undefined) print(`  to do: ${remedy}`);
      if (status === 'fail') failed += 1;
    } catch (error) {
      if (!(error instanceof SetupError || error instanceof CommandError)) throw error;
      failed += 1;
      print(`${part.name}: fail, ${error.message}`);
      print(`  to do: ${error instanceof SetupError ? error.remedy : 'see above, then run the same command again'}`);
    }
  }
  if (failed === 0) {
    // A late import: it needs the packages that were just installed.
    const { ensureBundle } = await import('./bundle.mjs');
    await ensureBundle();
  }
  print(failed === 0 ? 'complete' : `${failed} of the parts above are missing; run the same command again to continue`);
  return failed === 0 ? 0 : 1;
}

for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) {
  process.once(signal, () => {
    stopRunningCommands();
    process.exitCode = 130;
    process.exit();
  });
}

process.exitCode = await main();
