import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from './run-command.mjs';

/**
 * @typedef {{version?: string, integrity?: string, optional?: boolean, devOptional?: boolean, link?: boolean}} LockedPackage
 * @typedef {Record<string, LockedPackage>} LockedPackages keyed by path, `node_modules/vitest`
 */

/**
 * Compares the lock file with the record that npm writes into `node_modules` when an install is complete.
 *
 * @param {LockedPackages} locked
 * @param {LockedPackages} installed
 * @returns {string[]} what differs, as `node_modules/zod 4.6.7`; packages for other platforms may be absent
 */
export function findDifferences(locked, installed) {
  const differences = [];
  for (const [path, wanted] of Object.entries(locked)) {
    if (path === '') continue;
    const found = installed[path];
    const mayBeAbsent = wanted.optional === true || wanted.devOptional === true;
    if (found === undefined ? !mayBeAbsent : found.integrity !== wanted.integrity || found.version !== wanted.version) {
      differences.push(`${path} ${wanted.version}`);
    }
  }
  return differences;
}

/**
 * Exactly the lock file, and no package runs a script of its own: all binaries that we use come in packages of the lock
 * file. The scripts would add CUDA to ONNX Runtime, and native code to ssh2, which works without.
 */
const INSTALL = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];

/** @type {import('./types.d.ts').SetupPart} */
export const npmPackages = {
  name: 'npm packages',
  announcement: 'downloads 400 MB, 950 MB on disk, about a minute',
  neededBytes: 1.5e9,

  async check({ root }) {
    const remedy = 'npm run setup';
    const locked = await readPackages(join(root, 'package-lock.json'));
    if (locked === undefined)
      return { status: 'fail', detail: 'package-lock.json is missing', remedy: 'git checkout -- package-lock.json' };
    const installed = await readPackages(join(root, 'node_modules', '.package-lock.json'));
    if (installed === undefined) return { status: 'fail', detail: 'not installed', remedy };
    const differences = findDifferences(locked, installed);
    if (differences.length === 0) return { status: 'ok', detail: `${Object.keys(installed).length} as locked` };
    return {
      status: 'fail',
      detail: `${differences.length} differ from package-lock.json, first ${differences[0]}`,
      remedy,
    };
  },

  async install({ root }) {
    await runCommand('npm', INSTALL, { cwd: root });
  },
};

/**
 * @param {string} path of a lock file
 * @returns {Promise<LockedPackages | undefined>} undefined if there is none
 */
async function readPackages(path) {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : JSON.parse(text).packages;
}
