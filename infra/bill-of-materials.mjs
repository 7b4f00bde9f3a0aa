/**
 * The software bill of materials: every npm package, every package of the Python locks, the binaries that set-up
 * installs and the packages of the sandbox image, with versions, hashes and licences.
 *
 * `npm run sbom` writes it as `bom.cdx.json` (CycloneDX 1.5), and `docs/licences.md`.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { runCommand } from './setup/run-command.mjs';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
/** Lock file → what its packages are for. */
const PYTHON_LOCKS = {
  'src/trainer/python/requirements.lock': 'trainer',
  'src/trainer/python/bitsandbytes.lock': 'trainer, where it is asked for',
  'src/tracking/python/locks/mlflow.lock': 'tracker',
  'src/tracking/python/locks/tensorboard.lock': 'tracker',
  'src/tracking/python/locks/trackio.lock': 'tracker',
  'src/tracking/python/locks/wandb.lock': 'tracker',
  'infra/setup/uv.lock': 'set-up',
  'infra/setup/temporal.lock': 'Temporal server',
};
/** Packages whose own package.json has no licence in today's form; read from their licence files. */
const NPM_LICENCES = { buildcheck: 'MIT', 'cpu-features': 'MIT', ssh2: 'MIT', unionfs: 'Unlicense' };

/**
 * @typedef {{ 'bom-ref': string, type: string, name: string, version?: string, purl?: string, licenses?: object[],
 *   hashes?: { alg: string, content: string }[] }} Component
 * @typedef {{ kind: 'npm' | 'Python', name: string, version: string, licence: string }} Dependency
 */

/** @returns {Promise<{ components: Component[], [key: string]: unknown }>} CycloneDX, without a time and a random number */
export async function billOfMaterials() {
  const text = await runCommand('npm', ['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only'], { cwd: ROOT });
  const { serialNumber: _random, ...bom } = JSON.parse(text);
  const { timestamp: _now, component, ...metadata } = bom.metadata;
  for (const part of bom.components) {
    const licence = NPM_LICENCES[/** @type {keyof typeof NPM_LICENCES} */ (part.name)];
    if (part.licenses === undefined && licence !== undefined) part.licenses = [{ license: { id: licence } }];
  }
  return {
    ...bom,
    metadata: { ...metadata, component: { ...component, name: 'whencode' } },
    components: [...bom.components, ...pythonComponents(), ...imageComponents()],
  };
}

/** @returns {Component[]} */
function pythonComponents() {
  const licences = JSON.parse(readFileSync(`${ROOT}infra/python-licences.json`, 'utf8'));
  return Object.keys(PYTHON_LOCKS).flatMap((lock) =>
    readFileSync(ROOT + lock, 'utf8')
      .split(/\n(?=[A-Za-z0-9])/)
      .flatMap((entry) => {
        const [, name, version, marker = ''] = /^([\w.-]+)==([^\s;\\]+)(.*)/.exec(entry) ?? [];
        // Windows and browsers are no platforms of the project.
        if (name === undefined || version === undefined || /sys_platform == '(?:win32|emscripten)'/.test(marker))
          return [];
        const hashes = [...entry.matchAll(/--hash=sha256:([0-9a-f]{64})/g)].map(([, content = '']) => ({
          alg: 'SHA-256',
          content,
        }));
        const purl = `pkg:pypi/${name}@${version}`;
        const licenses = licences[name] === undefined ? [] : [{ expression: licences[name] }];
        return [{ 'bom-ref': purl, type: 'library', name, version, purl, licenses, hashes }];
      }),
  );
}

/** @returns {Component[]} the packages of the lock of amd64 */
function imageComponents() {
  const { recipe } = JSON.parse(readFileSync(`${ROOT}infra/sandbox-image/image.json`, 'utf8'));
  const lock = readFileSync(`${ROOT}infra/sandbox-image/packages-amd64.lock`, 'utf8').trim().split('\n');
  return lock.map((line) => {
    const [name = '', version = ''] = line.split('=', 2);
    const purl = `pkg:deb/debian/${name}@${encodeURIComponent(version)}?arch=amd64&distro=${recipe.suite}`;
    return { 'bom-ref': purl, type: 'library', name, version, purl };
  });
}

/**
 * @param {{ components: Component[] }} bom
 * @returns {Dependency[]} npm and Python packages by name, each version once
 */
export function licencesOf({ components }) {
  const found = components.flatMap((part) => {
    const kind = part.purl?.startsWith('pkg:npm/') ? 'npm' : part.purl?.startsWith('pkg:pypi/') ? 'Python' : undefined;
    if (kind === undefined) return [];
    const licence = (part.licenses ?? [])
      .map((/** @type {any} */ item) => item.expression ?? item.license?.id ?? item.license?.name)
      .join(' AND ');
    return [{ kind: /** @type {'npm' | 'Python'} */ (kind), name: part.name, version: part.version ?? '', licence }];
  });
  const keyed = new Map(found.map((item) => [`${item.kind} ${item.name} ${item.version}`, item]));
  return [...keyed].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, item]) => item);
}

/**
 * @param {Dependency[]} dependencies
 * @returns {string} docs/licences.md
 */
export function licencesMarkdown(dependencies) {
  const rows = dependencies.map(
    ({ kind, name, version, licence }) => `| ${kind} | ${name} | ${version} | ${licence} |`,
  );
  return [
    '# Licences of the dependencies',
    '',
    'Generated by `npm run sbom` from the lock files; `test/unit/infra/licences.test.ts` holds the list of allowed licences.',
    'Libraries of NVIDIA come with PyTorch on Linux and are used on GPUs only. The sandbox image holds Debian packages, whose',
    'licence texts (`/usr/share/doc`) the image does not contain; Debian publishes them with each package.',
    '',
    '| from | package | version | licence |',
    '|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const bom = await billOfMaterials();
  writeFileSync(`${ROOT}bom.cdx.json`, `${JSON.stringify(bom, null, 2)}\n`);
  writeFileSync(`${ROOT}docs/licences.md`, licencesMarkdown(licencesOf(bom)));
}
