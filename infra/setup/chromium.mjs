import { access } from 'node:fs/promises';
import { canUseApt, installDebianPackages } from './apt.mjs';
import { tryCommand } from './run-command.mjs';

const ELSEWHERE = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/** @returns {Promise<string | undefined>} path of a Chromium or Chrome on this machine */
async function findChromium() {
  for (const name of ['chromium', 'chromium-browser', 'google-chrome']) {
    const path = await tryCommand('which', [name]);
    if (path !== undefined) return path;
  }
  for (const path of ELSEWHERE) {
    const isThere = await access(path).then(
      () => true,
      () => false,
    );
    if (isThere) return path;
  }
  return undefined;
}

/** Only the browser tests need it. @type {import('./types.d.ts').SetupPart} */
export const chromium = {
  name: 'Chromium',
  announcement: 'for the browser tests: downloads about 100 MB, 350 MB on disk, half a minute',
  neededBytes: 1e9,

  async check() {
    const path = await findChromium();
    if (path !== undefined) return { status: 'ok', detail: path };
    const remedy = (await canUseApt()) ? 'node infra/setup.mjs --test' : 'install Chromium or Chrome';
    return { status: 'warn', detail: 'not found (only the browser tests need it)', remedy };
  },

  async install() {
    if (await canUseApt()) await installDebianPackages(['chromium', 'fonts-liberation']);
  },
};
