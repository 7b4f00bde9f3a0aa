import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readRegularFile } from '../../../src/formats/regular-file.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'whencode-regular-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('reading a file from elsewhere', () => {
  it('gives the bytes of a regular file, and of the file that a link leads to', async () => {
    await writeFile(join(folder, 'file'), 'content');
    await symlink('file', join(folder, 'link'));
    expect((await readRegularFile(join(folder, 'file'), 7)).toString()).toBe('content');
    expect((await readRegularFile(join(folder, 'link'), 7)).toString()).toBe('content');
  });

  it('refuses pipes, devices, sockets and folders by name, and never waits for a writer', async () => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const socket = join(folder, 'socket');
    const server = createServer().listen(socket);
    await new Promise((resolve) => server.once('listening', resolve));
    await symlink(pipe, join(folder, 'link-to-pipe'));
    for (const path of [pipe, socket, folder, '/dev/zero', '/dev/null', join(folder, 'link-to-pipe')])
      await expect(readRegularFile(path, 100)).rejects.toThrow(`${path} is not a regular file`);
    server.close();
  });

  it('reads no more than the limit, whatever size the file claims to have', async () => {
    const path = join(folder, 'large');
    await writeFile(path, Buffer.alloc(200_000, 1));
    await expect(readRegularFile(path, 199_999)).rejects.toThrow(`${path} has 200000 bytes`);
    expect(await readRegularFile(path, 200_000)).toHaveLength(200_000);
    // A file of the kernel has size 0 and content.
    if (process.platform === 'linux')
      await expect(readRegularFile('/proc/self/status', 10)).rejects.toThrow('at most 10 are read');
  });
});
