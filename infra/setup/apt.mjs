import { access } from 'node:fs/promises';
import { CommandError, runCommand, tryCommand } from './run-command.mjs';

let listsAreFresh = false;

/** @returns {Promise<boolean>} true on Debian and its relatives, as root */
export async function canUseApt() {
  if (process.getuid?.() !== 0) return false;
  return access('/usr/bin/apt-get').then(
    () => true,
    () => false,
  );
}

/**
 * Installs the missing ones of some Debian packages (as root) without questions. Waits for another apt process.
 *
 * @param {readonly string[]} packages
 * @throws {CommandError}
 */
export async function installDebianPackages(packages) {
  const states = await Promise.all(packages.map((name) => tryCommand('dpkg', ['--status', name])));
  const missing = packages.filter((_name, index) => !states[index]?.includes('Status: install ok installed'));
  if (missing.length === 0) return;
  const env = { DEBIAN_FRONTEND: 'noninteractive', NEEDRESTART_SUSPEND: '1' };
  const wait = ['-o', 'DPkg::Lock::Timeout=300'];
  if (!listsAreFresh) {
    try {
      await runCommand('apt-get', [...wait, 'update'], { env });
    } catch (error) {
      // One unreachable third-party source fails the update, although Debian's own lists were updated.
      if (!(error instanceof CommandError)) throw error;
    }
    listsAreFresh = true;
  }
  await runCommand('apt-get', [...wait, 'install', '-y', '--no-install-recommends', ...missing], { env });
}
