import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chooseSource, comparePackages, LABELS, labelsOf, secondsOf } from '../../../infra/setup/image-packages.mjs';
import { describeImage, readImageDescription } from '../../../infra/setup/sandbox-image.mjs';
import { contentOf } from '../../../src/sandbox/docker-connection.ts';

const asked: string[] = [];
const archive = createServer((request, answer) => {
  asked.push(`${request.method} ${request.url}`);
  answer.writeHead(request.url?.includes('/20261130T060000Z/') ? 200 : 404).end();
});
let url: string;
beforeAll(async () => {
  await new Promise<void>((resolve) => archive.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(archive.address() as AddressInfo).port}/archive`;
});
afterAll(() => {
  archive.close();
});

describe('the packages of the sandbox image', () => {
  const pin = { suite: 'bookworm', snapshot: '20261130T060000Z' };

  it('come from the archive of the pinned date where it answers', async () => {
    expect(await chooseSource(pin, url)).toEqual({
      name: 'snapshot 20261130T060000Z',
      lines: [
        `deb ${url}/debian/20261130T060000Z bookworm main`,
        `deb ${url}/debian/20261130T060000Z bookworm-updates main`,
        `deb ${url}/debian-security/20261130T060000Z bookworm-security main`,
      ],
    });
    expect(asked).toEqual(['HEAD /archive/debian/20261130T060000Z/dists/bookworm/InRelease']);
  });

  it('come from the mirror where the archive has no such date or does not answer', async () => {
    const mirror = { name: 'mirror', lines: [] };
    expect(await chooseSource({ ...pin, snapshot: '20990101T000000Z' }, url)).toEqual(mirror);
    expect(await chooseSource(pin, 'http://127.0.0.1:1/archive')).toEqual(mirror);
  });

  it('are compared with the lock: another version and a missing package are named, more packages are not', () => {
    const lock = 'apt=2.6.2\nlibc6=2.36-9\npython3=3.11.2-1+b1\n';
    const as = (text: string) => comparePackages(text, lock);
    expect(as('python3=3.11.2-1+b1\nlibc6=2.36-9\napt=2.6.2\nvim=9\n')).toMatchObject({ count: 4, unlocked: [] });
    expect(as('libc6=2.36-10\napt=2.6.2\n').unlocked).toEqual([
      'libc6 2.36-10 (locked: 2.36-9)',
      'python3 absent (locked: 3.11.2-1+b1)',
    ]);
    expect(comparePackages('apt=2.6.2\n', undefined).unlocked).toEqual([]);
    expect(as('apt=1\nlibc6=2\n').digest).toBe(as('libc6=2\napt=1\n').digest);
    expect(as('apt=1\nlibc6=2\n').digest).not.toBe(as('apt=1\nlibc6=3\n').digest);
  });

  it('are locked with those that the recipe asks for', async () => {
    const { recipe } = await readImageDescription();
    const lock = await readFile(new URL('../../../infra/sandbox-image/packages-amd64.lock', import.meta.url), 'utf8');
    for (const name of recipe.packages) expect(lock).toMatch(new RegExp(`^${name}=\\d`, 'm'));
    expect(recipe.base).toMatch(/@sha256:[0-9a-f]{64}$/);
    expect(new Date(secondsOf(recipe.snapshot) * 1000).toISOString()).toBe('2026-11-30T06:00:00.000Z');
  });
});

describe('doctor says of the image', () => {
  const source = { name: 'mirror', lines: [] };
  const imageOf = (installed: string) => ({
    Size: 339e6,
    RootFS: { Layers: [`sha256:${'ab'.repeat(32)}`] },
    Config: { Labels: labelsOf(source, comparePackages(installed, 'libc6=2.36-9\n')) },
  });

  it('its content, its packages and where they are from', () => {
    const { status, detail } = describeImage('image:1', imageOf('libc6=2.36-9\n'));
    expect([status, detail]).toEqual([
      'ok',
      expect.stringMatching(/^image:1, 339 MB, content abababababab, 1 packages [0-9a-f]{12} from mirror$/),
    ]);
  });

  it('which packages are not the locked ones, and what makes them so', () => {
    expect(describeImage('image:1', imageOf('libc6=2.36-10\n'))).toMatchObject({
      detail: expect.stringContaining('not as locked: libc6 2.36-10 (locked: 2.36-9)'),
      remedy: expect.stringContaining('docker rmi image:1'),
    });
  });

  it('nothing that it does not know', () => {
    expect(describeImage('image:1', { Size: 1e6, Config: { Labels: null } }).detail).toContain('packages unknown');
    expect(Object.values(LABELS)).toHaveLength(3);
  });
});

it('two images are the same for the sandbox if files and environment are, whenever they were built', () => {
  const image = (layer: string, Env: string[], created: string) =>
    ({ RootFS: { Type: 'layers', Layers: [layer] }, Config: { Env }, Created: created }) as never;
  const content = contentOf(image('sha256:1', ['LANG=C.UTF-8'], 'today'));
  expect(contentOf(image('sha256:1', ['LANG=C.UTF-8'], 'tomorrow'))).toBe(content);
  expect(contentOf(image('sha256:2', ['LANG=C.UTF-8'], 'today'))).not.toBe(content);
  expect(contentOf(image('sha256:1', ['LANG=C'], 'today'))).not.toBe(content);
});
