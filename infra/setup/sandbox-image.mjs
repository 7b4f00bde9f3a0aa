import { createReadStream } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canUseApt, installDebianPackages } from './apt.mjs';
import { callDocker, pingDocker } from './docker-api.mjs';
import { digestOf } from './install-directory.mjs';
import { CommandError, runCommand, tryCommand } from './run-command.mjs';
import { SetupError } from './setup-error.mjs';

const FOLDER = new URL('../sandbox-image/', import.meta.url);
const IMPORT_TIMEOUT_MS = 5 * 60_000;

/**
 * @typedef {{suite: string, variant: string, packages: string[], withoutPaths: string[], environment: string[]}} Recipe
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
      return { status: 'ok', detail: `${name}, ${Math.round(JSON.parse(body).Size / 1e6)} MB` };
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
    if (await canUseApt()) {
      await installDebianPackages(['mmdebstrap', 'debian-archive-keyring']);
      say('builds it with mmdebstrap');
      await importRootFilesystem(dockerHost, name, recipe);
      return;
    }
    if ((await tryCommand('docker', ['--version'])) === undefined) {
      throw new SetupError(
        'the image is built with the `docker` command, which is missing',
        'install the Docker client',
      );
    }
    say('builds it with docker build');
    await buildDockerfile(dockerHost, name, recipe);
  },
};

/**
 * Without access to an image registry: builds a root file system directly from Debian packages.
 *
 * @param {string | undefined} dockerHost
 * @param {string} name
 * @param {Recipe} recipe
 */
async function importRootFilesystem(dockerHost, name, recipe) {
  const directory = await mkdtemp(join(tmpdir(), 'whencode-image-'));
  const archive = join(directory, 'root.tar');
  try {
    const include = [`--variant=${recipe.variant}`, `--include=${recipe.packages.join(',')}`];
    const exclude = recipe.withoutPaths.map((path) => `--dpkgopt=path-exclude=${path}`);
    // A root file system that is packed at once needs no fsync after every file.
    await runCommand('mmdebstrap', [
      '--quiet',
      '--dpkgopt=force-unsafe-io',
      ...include,
      ...exclude,
      recipe.suite,
      archive,
    ]);
    const changes = [...recipe.environment.map((variable) => `ENV ${variable}`), 'CMD ["python3"]'];
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
 * @param {string} name
 * @param {Recipe} recipe
 */
async function buildDockerfile(dockerHost, name, recipe) {
  const settings = {
    SUITE: recipe.suite,
    PACKAGES: recipe.packages.join(' '),
    EXCLUDED: recipe.withoutPaths.join(' '),
  };
  const args = Object.entries(settings).flatMap(([key, value]) => ['--build-arg', `${key}=${value}`]);
  const env = dockerHost === undefined ? {} : { DOCKER_HOST: dockerHost };
  await runCommand('docker', ['build', '--tag', name, ...args, FOLDER.pathname], { env });
}
