import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { digestOf, installDirectory, readStamp } from './install-directory.mjs';
import { CommandError, runCommand, tryCommand } from './run-command.mjs';

const VERSION = 'v1.8.0';
const MODULE = `github.com/versity/versitygw/cmd/versitygw@${VERSION}`;

/** @returns {Promise<string | undefined>} */
async function findGo() {
  for (const go of ['go', '/usr/local/go/bin/go']) if ((await tryCommand(go, ['version'])) !== undefined) return go;
  return undefined;
}

/** @param {string} cacheDirectory */
export const versityPath = (cacheDirectory) => join(cacheDirectory, 'versitygw', 'bin', 'versitygw');

/** @param {string} cacheDirectory */
const describeServer = (cacheDirectory) => ({
  cacheDirectory,
  name: 'versitygw',
  digest: digestOf([MODULE, process.platform, process.arch]),
});

/**
 * Only the tests of a store on S3 need it: a server that keeps the first writer's object, as a store has to have.
 *
 * @type {import('./types.d.ts').SetupPart}
 */
export const versitygw = {
  name: 'S3 server',
  announcement: `VersityGW ${VERSION} for the tests of a store on S3: downloads 340 MB, 2 to 3 minutes of CPU to build with Go, 61 MB on disk`,
  neededBytes: 2e9,

  async check({ cacheDirectory }) {
    const isThere = await access(versityPath(cacheDirectory)).then(
      () => true,
      () => false,
    );
    if (isThere && (await readStamp(describeServer(cacheDirectory))) !== undefined)
      return { status: 'ok', detail: `VersityGW ${VERSION}, ${versityPath(cacheDirectory)}` };
    const remedy = (await findGo()) === undefined ? 'install Go (https://go.dev)' : 'node infra/setup.mjs --test';
    return { status: 'warn', detail: 'not found (only the tests of a store on S3 need it)', remedy };
  },

  async install({ cacheDirectory }, say) {
    const go = await findGo();
    if (go === undefined) return;
    say(`go install ${MODULE}`);
    try {
      await installDirectory(describeServer(cacheDirectory), async (temporary) => {
        const env = { GOBIN: join(temporary, 'bin') };
        await runCommand(go, ['install', '-ldflags', '-s -w', MODULE], { env });
        return { version: VERSION };
      });
    } catch (error) {
      // Without the Go module proxy: its tests are skipped, and say why.
      if (!(error instanceof CommandError)) throw error;
      say(error.message);
    }
  },
};
