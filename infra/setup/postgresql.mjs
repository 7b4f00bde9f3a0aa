import { access, mkdir, readdir, realpath, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { canUseApt, installDebianPackages } from './apt.mjs';
import { tryCommand } from './run-command.mjs';

/** Where Debian keeps the programs of its versions, which are not on PATH. */
const DEBIAN = '/usr/lib/postgresql';

/** @returns {Promise<string | undefined>} folder of `initdb` and `postgres` */
export async function findPostgres() {
  const path = await tryCommand('which', ['postgres']);
  const versions = await readdir(DEBIAN).catch(() => /** @type {string[]} */ ([]));
  const folders = [
    ...(path === undefined ? [] : [dirname(await realpath(path))]),
    ...versions.sort((a, b) => Number(b) - Number(a)).map((version) => join(DEBIAN, version, 'bin')),
  ];
  for (const folder of folders) {
    const programs = ['initdb', 'postgres'].map((name) => access(join(folder, name)));
    if ((await Promise.allSettled(programs)).every(({ status }) => status === 'fulfilled')) return folder;
  }
  return undefined;
}

/** Only the tests of a database server need it; they start one of their own. @type {import('./types.d.ts').SetupPart} */
export const postgresql = {
  name: 'PostgreSQL',
  announcement: 'for the tests of a database server: downloads 20 MB, 80 MB on disk',
  neededBytes: 0.3e9,

  async check() {
    const folder = await findPostgres();
    if (folder !== undefined) return { status: 'ok', detail: folder };
    const remedy = (await canUseApt()) ? 'node infra/setup.mjs --test' : 'install the PostgreSQL server, 14 or newer';
    return { status: 'warn', detail: 'not found (only the tests of a database server need it)', remedy };
  },

  async install() {
    if (!(await canUseApt())) return;
    // Debian would make a database of its own and start a server on it.
    await mkdir('/etc/postgresql-common/createcluster.d', { recursive: true });
    await writeFile('/etc/postgresql-common/createcluster.d/whencode.conf', 'create_main_cluster = false\n');
    await installDebianPackages(['postgresql']);
  },
};
