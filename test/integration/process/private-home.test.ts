import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it } from 'vitest';

const NOBODY = 65534;
const isRoot = process.getuid?.() === 0;
const entry = (path: string): string => fileURLToPath(new URL(`../../../src/${path}`, import.meta.url));

let folder: string;
let home: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'private-home-'));
  home = join(folder, 'home');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Runs an entry point under an ordinary umask until the store is there; it never reaches a Temporal server. */
async function runUntilStore(args: readonly string[]): Promise<void> {
  const command = `umask 022; exec "$0" "$@"`;
  const keyFile = join(folder, 'payload.key');
  await writeFile(keyFile, '0'.repeat(64), { mode: 0o600 });
  const child = spawn('sh', ['-c', command, process.execPath, ...args], {
    stdio: ['pipe', 'ignore', 'ignore'],
    env: { ...process.env, WHENCODE_PAYLOAD_KEY_FILE: keyFile },
  });
  const ended = once(child, 'exit');
  try {
    while ((await stat(join(home, 'store', 'format')).catch(() => undefined)) === undefined) {
      if (child.exitCode !== null) throw new Error(`ended with ${child.exitCode}`);
      await sleep(50);
    }
  } finally {
    child.kill('SIGKILL');
    await ended;
  }
}

it.each([
  ['the command', () => [entry('cli/whencode.mjs'), '--home', home, 'worker', 'sandbox', '--address', '127.0.0.1:1']],
  ['a worker of the stack', () => [entry('workers/worker-process.mjs'), 'sandbox', home, '1', '0']],
])('%s makes files that no other user may use', async (_, args) => {
  await runUntilStore(args());
  const names = await readdir(home, { recursive: true });
  const modes = await Promise.all(
    [home, ...names.map((name) => join(home, name))].map(async (path) => ({
      path,
      mode: (await stat(path)).mode & 0o077,
    })),
  );
  expect(modes.filter(({ mode }) => mode !== 0)).toEqual([]);
  expect(names.length).toBeGreaterThan(1);
});

it.runIf(isRoot)('another user reads nothing of the home folder', async () => {
  await runUntilStore([entry('cli/whencode.mjs'), '--home', home, 'worker', 'sandbox', '--address', '127.0.0.1:1']);
  const asNobody = (command: string) => promisify(execFile)('sh', ['-c', command], { uid: NOBODY, gid: NOBODY });
  // The folder above is open: the home folder alone holds.
  await promisify(execFile)('chmod', ['755', folder]);
  await expect(asNobody(`ls ${folder}`)).resolves.toMatchObject({ stdout: 'home\npayload.key\n' });
  await expect(asNobody(`ls ${home}`)).rejects.toThrow('Permission denied');
  await expect(asNobody(`cat ${join(home, 'store', 'format')}`)).rejects.toThrow('Permission denied');
});
