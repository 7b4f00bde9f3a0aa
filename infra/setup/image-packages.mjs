import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';

/**
 * Where the packages of the sandbox image come from, and which versions they are. Debian's archive of the past has every
 * package of a date; mirrors have only the newest ones.
 *
 * @typedef {{suite: string, snapshot: string}} Pin `snapshot` as in `20261130T060000Z`
 * @typedef {{name: string, lines: string[]}} Source `lines` of sources.list; none for the suite's own mirror
 */

const ARCHIVE = 'http://snapshot.debian.org/archive';
const ANSWER_LIMIT_MS = 10_000;

/** Labels of the image. */
export const LABELS = /** @type {const} */ ({
  source: 'whencode.source',
  packages: 'whencode.packages',
  unlocked: 'whencode.unlocked',
});

/** Format of `dpkg-query`: a line a package, as in the lock files. */
export const PACKAGE_LINE = `\${Package}=\${Version}\\n`;

/**
 * @param {Pin} pin
 * @param {string} [archive]
 * @returns {Promise<Source>} the archive of the pinned date where it answers, else the mirror of today
 */
export async function chooseSource({ suite, snapshot }, archive = ARCHIVE) {
  const url = `${archive}/debian/${snapshot}`;
  const answer = await fetch(`${url}/dists/${suite}/InRelease`, {
    method: 'HEAD',
    signal: AbortSignal.timeout(ANSWER_LIMIT_MS),
  }).catch(() => undefined);
  if (answer?.ok !== true) return { name: 'mirror', lines: [] };
  return {
    name: `snapshot ${snapshot}`,
    lines: [
      `deb ${url} ${suite} main`,
      `deb ${url} ${suite}-updates main`,
      `deb ${archive}/debian-security/${snapshot} ${suite}-security main`,
    ],
  };
}

/**
 * @param {string} snapshot
 * @returns {number} seconds since 1970; the build gives files this time, so that equal packages make an equal image
 */
export function secondsOf(snapshot) {
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(snapshot) ?? [];
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`) / 1000;
}

/** @param {string} text lines `name=version` */
const parsePackages = (text) =>
  new Map(
    text
      .trim()
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => /** @type {[string, string]} */ (line.split('=', 2))),
  );

/**
 * @param {string} installed output of `dpkg-query`
 * @param {string | undefined} lock undefined where there is none for this architecture
 * @returns {{count: number, digest: string, unlocked: string[]}} `unlocked`: locked packages that are absent or of another
 *   version, e.g. `libc6 2.36-9 (locked: 2.36-10)`
 */
export function comparePackages(installed, lock) {
  const found = parsePackages(installed);
  const lines = [...found].map(([name, version]) => `${name}=${version}\n`).sort();
  const unlocked = [...parsePackages(lock ?? '')].flatMap(([name, version]) =>
    found.get(name) === version ? [] : [`${name} ${found.get(name) ?? 'absent'} (locked: ${version})`],
  );
  const digest = createHash('sha256').update(lines.join('')).digest('hex').slice(0, 12);
  return { count: found.size, digest, unlocked };
}

/**
 * @param {URL} folder of the lock files
 * @param {string} architecture Debian's name, e.g. `amd64`
 * @returns {Promise<string | undefined>}
 */
export const readLock = (folder, architecture) =>
  readFile(new URL(`packages-${architecture}.lock`, folder), 'utf8').catch(() => undefined);

/**
 * @param {Source} source
 * @param {ReturnType<typeof comparePackages>} packages
 * @returns {Record<string, string>} labels of the image, which doctor reads
 */
export function labelsOf(source, { count, digest, unlocked }) {
  return {
    [LABELS.source]: source.name,
    [LABELS.packages]: `${count} packages ${digest}`,
    [LABELS.unlocked]: unlocked.join(', '),
  };
}
