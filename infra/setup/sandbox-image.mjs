import { createReadStream } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canUseApt, installDebianPackages } from './apt.mjs';
import { callDocker, pingDocker } from './docker-api.mjs';
import {
  chooseSource,
  comparePackages,
  LABELS,
  labelsOf,
  PACKAGE_LINE,
  readLock,
  secondsOf,
} from './image-packages.mjs';
import { digestOf } from './install-directory.mjs';
import { CommandError, runCommand, tryCommand } from './run-command.mjs';
import { SetupError } from './setup-error.mjs';

const FOLDER = new URL('../sandbox-image/', import.meta.url);
const IMPORT_TIMEOUT_MS = 5 * 60_000;

/**
 * @typedef {{suite: string, snapshot: string, base: string, variant: string, packages: string[], withoutPaths: string[],
 *   environment: string[]}} Recipe `snapshot`: date of Debian's archive; `base`: image by digest, for the Dockerfile
 * @typedef {import('./image-packages.mjs').Source} Source
 * @typedef {{name: string, recipe: Recipe}} ImageDescription
 */

/** @returns {Promise<ImageDescription>} what `infra/sandbox-image/image.json` says */
export async function readImageDescription() {
  return JSON.parse(await readFile(new URL('image.json', FOLDER), 'utf8'));
}

/**
 * @param {Recipe} recipe
 * @returns {string} the image's name with the digest of what it is made of as its tag
 */
export function nameImage(recipe) {
  return `whencode-sandbox:${recipe.suite}-${digestOf(recipe)}`;
}

/**
 * @param {string} name
 * @param {{Size: number, RootFS?: {Layers?: string[]}, Config?: {Labels?: Record<string, string> | null}}} image as the
 *   engine describes it
 * @returns {import('./types.d.ts').Finding} with a remedy where its packages are not the locked ones
 */
export function describeImage(name, image) {
  const labels = image.Config?.Labels ?? {};
  const content = image.RootFS?.Layers?.at(-1)?.replace(/^sha256:(.{12}).*$/, '$1') ?? 'unknown';
  const parts = [labels[LABELS.packages] ?? 'packages unknown', `from ${labels[LABELS.source] ?? 'an unknown source'}`];
  const detail = `${name}, ${Math.round(image.Size / 1e6)} MB, content ${content}, ${parts.join(' ')}`;
  const unlocked = labels[LABELS.unlocked] ?? '';
  if (unlocked === '') return { status: 'ok', detail };
  return {
    // No warning: set-up would build it again each time where the archive can't be reached.
    status: 'ok',
    detail: `${detail}; not as locked: ${unlocked}`,
    remedy: `where snapshot.debian.org can be reached: docker rmi ${name}, then npm run setup`,
  };
}

/** @type {import('./types.d.ts').SetupPart} */
export const sandboxImage = {
  name: 'sandbox image',
  announcement: 'Debian with Python, numpy and sympy: downloads about 60 MB, 340 MB on disk, a minute',
  neededBytes: 1.5e9,

  async check({ dockerHost }) {
    const { name } = await readImageDescription();
    try {
      const { status, body } = await callDocker(dockerHost, 'GET', `/images/${encodeURIComponent(name)}/json`);
      if (status !== 200) return { status: 'fail', detail: `${name} is not there`, remedy: 'npm run setup' };
      return describeImage(name, JSON.parse(body));
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      return { status: 'fail', detail, remedy: 'first the Docker engine, then: npm run setup' };
    }
  },

  async install({ dockerHost }, say) {
    if ('error' in (await pingDocker(dockerHost))) {
      throw new SetupError('it is built with the Docker engine, which is missing', 'first the Docker engine');
    }
    const { name, recipe } = await readImageDescription();
    const source = await chooseSource(recipe);
    if (source.lines.length === 0) say('snapshot.debian.org does not answer: takes the packages of today');
    if (await canUseApt()) {
      await installDebianPackages(['mmdebstrap', 'debian-archive-keyring']);
      say(`builds it with mmdebstrap from ${source.name}`);
      await importRootFilesystem(dockerHost, { name, recipe }, source);
      return;
    }
    if ((await tryCommand('docker', ['--version'])) === undefined) {
      throw new SetupError(
        'the image is built with the `docker` command, which is missing',
        'install the Docker client',
      );
    }
    say(`builds it with docker build from ${source.name}`);
    await buildDockerfile(dockerHost, { name, recipe }, source);
  },
};

/**
 * Without access to an image registry: builds a root file system directly from Debian packages.
 *
 * @param {string | undefined} dockerHost
 * @param {ImageDescription} image
 * @param {Source} source
 */
async function importRootFilesystem(dockerHost, { name, recipe }, source) {
  const directory = await mkdtemp(join(tmpdir(), 'whencode-image-'));
  const archive = join(directory, 'root.tar');
  const listed = join(directory, 'packages');
  try {
    const include = [`--variant=${recipe.variant}`, `--include=${recipe.packages.join(',')}`];
    const exclude = recipe.withoutPaths.map((path) => `--dpkgopt=path-exclude=${path}`);
    const list = `dpkg-query --admindir="$1/var/lib/dpkg" -W -f '${PACKAGE_LINE}' > ${listed}`;
    await runCommand(
      'mmdebstrap',
      [
        '--quiet',
        // A root file system that is packed at once needs no fsync after every file.
        '--dpkgopt=force-unsafe-io',
        // The lists of a snapshot are older than their term of validity; their signatures are checked all the same.
        ...(source.lines.length === 0 ? [] : ['--aptopt=Acquire::Check-Valid-Until "false"']),
        `--customize-hook=${list}`,
        // Where the packages were from is no part of the image's content.
        '--customize-hook=rm -f "$1/etc/apt/sources.list" "$1/etc/apt/apt.conf.d/99mmdebstrap"',
        ...include,
        ...exclude,
        recipe.suite,
        archive,
        ...source.lines,
      ],
      { env: { SOURCE_DATE_EPOCH: `${secondsOf(recipe.snapshot)}` } },
    );
    const architecture = (await runCommand('dpkg', ['--print-architecture'])).trim();
    const packages = comparePackages(await readFile(listed, 'utf8'), await readLock(FOLDER, architecture));
    const labels = Object.entries(labelsOf(source, packages)).map(
      ([label, value]) => `LABEL ${label}=${JSON.stringify(value)}`,
    );
    const changes = [...recipe.environment.map((variable) => `ENV ${variable}`), 'CMD ["python3"]', ...labels];
    const [repo = '', tag = ''] = name.split(':');
    const query = new URLSearchParams({ fromSrc: '-', repo, tag });
    for (const change of changes) query.append('changes', change);
    const body = createReadStream(archive);
    const answer = await callDocker(dockerHost, 'POST', `/images/create?${query}`, {
      body,
      timeoutMs: IMPORT_TIMEOUT_MS,
    });
    // The engine answers 200 before it reads the archive; later errors are lines of the response body.
    if (answer.status !== 200 || answer.body.includes('"error"'))
      throw new CommandError(`docker import: ${answer.body}`);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/**
 * Without mmdebstrap (macOS, not root): builds the same packages of the same suite from a Dockerfile.
 *
 * @param {string | undefined} dockerHost
 * @param {ImageDescription} image
 * @param {Source} source
 */
async function buildDockerfile(dockerHost, { name, recipe }, source) {
  const settings = {
    BASE: recipe.base,
    SOURCES: source.lines.join('\n'),
    PACKAGES: recipe.packages.join(' '),
    EXCLUDED: recipe.withoutPaths.join(' '),
  };
  const args = Object.entries(settings).flatMap(([key, value]) => ['--build-arg', `${key}=${value}`]);
  const env = dockerHost === undefined ? {} : { DOCKER_HOST: dockerHost };
  const unlabelled = `${name}-unlabelled`;
  await runCommand('docker', ['build', '--tag', unlabelled, ...args, FOLDER.pathname], { env });
  const ask = (/** @type {string[]} */ command) =>
    runCommand('docker', ['run', '--rm', '--network', 'none', unlabelled, ...command], { env });
  const installed = await ask(['dpkg-query', '-W', '-f', PACKAGE_LINE]);
  const architecture = (await ask(['dpkg', '--print-architecture'])).trim();
  const packages = comparePackages(installed, await readLock(FOLDER, architecture));
  const labels = Object.entries(labelsOf(source, packages)).flatMap(([key, value]) => ['--label', `${key}=${value}`]);
  // Only the labels are new: every layer is in the engine's cache.
  await runCommand('docker', ['build', '--tag', name, ...args, ...labels, FOLDER.pathname], { env });
  await runCommand('docker', ['rmi', unlabelled], { env });
}
