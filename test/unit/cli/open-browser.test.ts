import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openBrowser } from '../../../src/cli/open-browser.ts';
import { hasScreen } from '../../../src/config/environment.ts';

const LINK = 'http://whencode-00.localhost:7420/open/a-secret_code';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'open-browser-'));
});
afterEach(() => rm(home, { recursive: true, force: true }));

describe('opening a browser', () => {
  it('hands the link over in a file of its owner, not among the arguments, which everybody can read', async () => {
    const opener = join(home, 'opener');
    const heard = join(home, 'heard');
    await writeFile(opener, `#!/bin/sh\necho "$@" > ${heard}.part && mv ${heard}.part ${heard}\n`);
    await chmod(opener, 0o755);
    expect(await openBrowser(home, LINK, opener)).toBe(true);
    const read = () => readFile(heard, 'utf8').catch(() => undefined);
    while ((await read()) === undefined) await sleep(20);
    expect(await read()).toBe(`${join(home, 'open.html')}\n`);
    expect(await readFile(join(home, 'open.html'), 'utf8')).toContain(`url=${LINK}"`);
    expect((await stat(join(home, 'open.html'))).mode & 0o777).toBe(0o600);
  });

  it('is not done without a program for it or a screen', async () => {
    expect(await openBrowser(home, LINK, join(home, 'nothing'))).toBe(false);
    expect(hasScreen({}, 'linux')).toBe(false);
    expect(hasScreen({ DISPLAY: ':0' }, 'linux')).toBe(true);
    expect(hasScreen({}, 'darwin')).toBe(true);
  });
});
