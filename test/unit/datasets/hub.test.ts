import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ProblemsConfig } from '../../../src/config/campaign.ts';
import { resolveProblems } from '../../../src/datasets/resolve.ts';

const COMMIT = 'a'.repeat(40);
const row = (n: number): string => `${JSON.stringify({ question: `What is ${n}?`, answer: `It is.\n#### ${n}` })}\n`;

let folder = '';
let server: Server;
let address = '';
let files: Record<string, string> = {};
let asked: { readonly url: string; readonly token: string | undefined }[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'whencode-hub-'));
  asked = [];
  files = {
    'README.md': 'words',
    'main/train-00000-of-00002.jsonl': row(1) + row(2),
    'main/train-00001-of-00002.jsonl': row(3),
    'main/test.jsonl': row(4),
    'socratic/train.jsonl': row(5),
  };
  server = createServer((request, response) => {
    const url = decodeURIComponent(request.url ?? '');
    asked.push({ url, token: request.headers.authorization });
    if (url.startsWith('/api/datasets/org/set/revision/')) {
      const siblings = Object.keys(files).map((rfilename) => ({ rfilename }));
      response.end(JSON.stringify({ sha: COMMIT, siblings }));
      return;
    }
    const content = files[url.replace(`/datasets/org/set/resolve/${COMMIT}/`, '')];
    response.statusCode = content === undefined ? 404 : 200;
    response.end(content);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.close();
  await rm(folder, { recursive: true, force: true });
});

const resolve = (config: Partial<ProblemsConfig>, extra: object = {}) =>
  resolveProblems(
    { from: 'org/set', ...config },
    {
      cacheDirectory: join(folder, 'cache'),
      hubEndpoint: address,
      attempts: 1,
      ...extra,
    },
  );
const answers = async (config: Partial<ProblemsConfig>, extra: object = {}) =>
  (await resolve(config, extra)).problems.map(({ answer }) => answer);

describe('a data set of the Hub', () => {
  it('is fetched by config and split, all files of it, and the second time read from here', async () => {
    const config = { config: 'main', split: 'train' };
    expect(await answers(config)).toEqual(['1', '2', '3']);
    const requests = asked.length;
    server.close();
    expect(await answers(config)).toEqual(['1', '2', '3']);
    expect(asked).toHaveLength(requests);
  });

  it.each([
    [{ split: 'train' }, /say which config with "config"; there are main, socratic/],
    [{ config: 'main' }, /say which split with "split"; there are test, train/],
    [{ config: 'main', split: 'dev' }, /no split "dev"; there are test, train/],
    [{ config: 'other', split: 'train' }, /no config "other"/],
  ])('%j names what there is to choose from', async (config, message) => {
    await expect(resolve(config)).rejects.toThrow(message);
  });

  it('that can’t be reached comes with the command that fetches it elsewhere', async () => {
    const hubEndpoint = 'http://127.0.0.1:9';
    await expect(resolve({ split: 'train' }, { hubEndpoint })).rejects.toThrow(
      /org\/set is not on this machine and could not be fetched.*hf download org\/set --repo-type dataset --local-dir DIR/,
    );
  });

  it('is shown the token, and never writes outside of its folder', async () => {
    files['../../evil.jsonl'] = row(6);
    files['data/../../evil.jsonl'] = row(6);
    await answers({ config: 'main', split: 'test' }, { hubToken: 'secret' });
    expect(asked.every(({ token }) => token === 'Bearer secret')).toBe(true);
    const written = await readdir(folder, { recursive: true });
    expect(written.filter((name) => name.includes('evil'))).toEqual([]);
  });

  it('is found in the folder of the Hub’s own client, whose files are links', async () => {
    const home = join(folder, 'huggingface', 'hub', 'datasets--org--set');
    await mkdir(join(home, 'snapshots', COMMIT, 'data'), { recursive: true });
    await mkdir(join(home, 'refs'));
    await mkdir(join(home, 'blobs'));
    await writeFile(join(home, 'refs', 'main'), COMMIT);
    await writeFile(join(home, 'blobs', 'x'), row(8));
    await symlink('../../../blobs/x', join(home, 'snapshots', COMMIT, 'data', 'train.jsonl'));
    expect(await answers({ split: 'train' }, { hubHome: join(folder, 'huggingface') })).toEqual(['8']);
    expect(asked).toEqual([]);
  });

  it('that was downloaded by hand is given as its folder', async () => {
    const copy = join(folder, 'copy');
    await mkdir(copy);
    await writeFile(join(copy, 'train.jsonl'), row(9));
    await writeFile(join(copy, 'dataset_infos.json'), '{}');
    expect(await answers({ from: copy })).toEqual(['9']);
  });
});
