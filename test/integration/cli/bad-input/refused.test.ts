/** Bad input is refused with one clear error before any work: nothing is started, nothing written. */

import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { lockHome } from '../../../../src/process/home-lock.ts';
import { openTestHttp, type TestHttp } from '../../../support/http.ts';
import { callCommand } from './call-command.ts';
import { writeModelFolder } from './model-folders.ts';
import { REFUSED_CAMPAIGNS } from './refused-campaigns.ts';

let folder: string;
let home: string;

const lines = (items: readonly object[]): string => items.map((item) => JSON.stringify(item)).join('\n');
const sum = (id: string, left: number, answer = `${left + 7}`) => ({ id, problem: `${left}+7`, answer });
const sums = (prefix: string, from: number, count: number, answers: Readonly<Record<number, string>> = {}) =>
  Array.from({ length: count }, (_, at) => sum(`${prefix}${at}`, from + at, answers[at]));

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'refused-'));
  home = join(folder, 'home');
  const unreadable = { 7: '\\frac{1', 8: '??', 9: '\\sqrt{' };
  const files = {
    'sums.jsonl': lines(sums('s', 100, 20)),
    'held.jsonl': lines(sums('h', 300, 5)),
    'overlap.jsonl': lines([{ ...sum('o0', 103), problem: '$103 + 7$' }, ...sums('p', 400, 3)]),
    'unreadable.jsonl': lines(sums('u', 500, 100, unreadable)),
    'empty.jsonl': '\n',
    'broken.jsonl': '{"id":"a","problem":"1+1","answer":"2"}\n{"id":"b","problem":"1+2","answer":{"value":3}}\n',
    'twice.jsonl': lines([sum('a', 1), sum('a', 2)]),
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  await writeModelFolder(join(folder, 'model'));
  await writeModelFolder(join(folder, 'foreign'), { config: { model_type: 'gpt2' } });
  await writeModelFolder(join(folder, 'truncated'), { truncatedTo: 3000 });
  await writeModelFolder(join(folder, 'without'), { without: 'model.norm.weight' });
  await writeModelFolder(join(folder, 'misshapen'), { misshapen: 'model.layers.0.self_attn.k_proj.weight' });
  await writeModelFolder(join(folder, 'tokenizer'), { tokens: 20 });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The warning of a campaign without `validation`. */
const CHOSEN_ON_TEST = expect.stringMatching(/^the best checkpoint is chosen on held/);

const RIGHT = {
  name: 'refused',
  model: './model',
  template: {
    prompt: { kind: 'text', before: 't1 ', after: '' },
    prefixes: { cot: 't2', code: 't3' },
    ...{ codeOpen: 't3', codeClose: 't4', toolOpen: '', toolClose: 't5', toolMaxCharacters: 48, toolCut: 'last-line' },
  },
  iterations: 1,
  problems: [{ from: './sums.jsonl' }],
  problemsPerIteration: 8,
  sampling: { samplesPerArm: 2, maxNewTokens: 16 },
  evaluations: [{ suite: 'held', problems: { from: './held.jsonl' } }],
};

/** The right campaign with the changes, as a file beside its problems. */
async function campaignFile(change: Readonly<Record<string, unknown>>): Promise<string> {
  const config = structuredClone(RIGHT) as Record<string, unknown>;
  for (const [path, value] of Object.entries(change)) {
    const keys = path.split('.');
    const last = keys.pop() ?? '';
    const place = keys.reduce<Record<string, unknown>>((at, key) => {
      at[key] = at[key] ?? {};
      return at[key] as Record<string, unknown>;
    }, config);
    if (value === undefined) delete place[last];
    else place[last] = value;
  }
  const file = join(folder, 'campaign.yaml');
  await writeFile(file, stringify(config));
  return file;
}

/** One message for people: no stack trace, and nothing on the other stream. */
function expectClear(called: Awaited<ReturnType<typeof callCommand>>, code: number, says: RegExp): void {
  expect(called).toMatchObject({ code, stdout: '' });
  expect(called.stderr.replace(/\n/g, ' ')).toMatch(says);
  expect(called.stderr).not.toMatch(/\n {4}at /);
}

describe('a campaign file', () => {
  test('that is right passes, from any folder: its paths are its own', async () => {
    const file = await campaignFile({});
    const called = await callCommand(['--home', home, 'campaign', 'start', file, '--dry-run', '--json']);
    expect(called).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(called.stdout)).toMatchObject({
      problems: { count: 20 },
      warnings: [CHOSEN_ON_TEST],
    });
    expect(existsSync(home)).toBe(false);
  });

  test.each(REFUSED_CAMPAIGNS)('with $what is refused', async ({ change, says, code = 2, env = {} }) => {
    const file = await campaignFile(change);
    expectClear(await callCommand(['--home', home, 'campaign', 'start', file], env), code, says);
    expect(existsSync(home)).toBe(false);
  });

  test.each([
    ['that is missing', 'absent.yaml', '', /absent\.yaml can't be read; give the path of a campaign file/],
    ['that is no YAML', 'torn.yaml', 'name: [a', /torn\.yaml: /],
    ['that is no map', 'list.yaml', '- a', /a campaign file is a map of settings/],
  ])('%s is refused', async (_, name, text, says) => {
    if (text !== '') await writeFile(join(folder, name), text);
    expectClear(await callCommand(['--home', home, 'campaign', 'start', join(folder, name)]), 2, says);
    expect(existsSync(home)).toBe(false);
  });

  test('may have 2 % of golds that are graded as text, and the plan lists them', async () => {
    await writeFile(join(folder, 'few.jsonl'), lines(sums('f', 700, 100, { 7: '\\frac{1', 8: '??' })));
    const file = await campaignFile({ problems: [{ from: './few.jsonl' }] });
    const called = await callCommand(['--home', home, 'campaign', 'start', file, '--dry-run', '--json']);
    expect(JSON.parse(called.stdout).warnings).toEqual([
      expect.stringMatching(/^2 training answers are graded as text: f7 .*f8/),
      CHOSEN_ON_TEST,
    ]);
  });
});

describe('whencode up', () => {
  test('refuses a port that is in use', async () => {
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as AddressInfo;
    const mine = join(folder, 'port');
    expectClear(
      await callCommand(['--home', mine, 'up', '--port', `${port}`]),
      1,
      /port \d+ of 127\.0\.0\.1 is in use; .*--port/,
    );
    expect((await readdir(mine)).filter((name) => name === 'store' || name.startsWith('temporal-'))).toEqual([]);
    server.close();
  });

  test('refuses a folder that a stack runs on, and leaves it as it is', async () => {
    const mine = join(folder, 'locked');
    const unlock = await lockHome(mine);
    expectClear(
      await callCommand(['--home', mine, 'up']),
      1,
      /a stack runs on .* already \(process \d+\); stop it, or use another/,
    );
    expect(await readdir(mine)).toEqual(['stack.lock']);
    await unlock();
  });

  test('refuses a store that a newer version made, and writes nothing there', async () => {
    const mine = join(folder, 'newer');
    await mkdir(join(mine, 'store'), { recursive: true });
    await writeFile(join(mine, 'store', 'format'), '99\n');
    expectClear(
      await callCommand(['--home', mine, 'up']),
      1,
      /has format 99; this version reads \d+\. Use the version that made it/,
    );
    expect(await readdir(join(mine, 'store'))).toEqual(['format']);
    expect(await readdir(mine)).toEqual(['store']);
  });

  test('refuses a port that is none', async () => {
    expectClear(
      await callCommand(['--home', home, 'up', '--port', '99999']),
      2,
      /allowed are whole numbers from 1 to 65535/,
    );
    expect(existsSync(home)).toBe(false);
  });
});

test('whencode worker without an address and a stack says where it takes one from', async () => {
  expectClear(await callCommand(['--home', home, 'worker', 'sample']), 1, /no stack runs in .*--address/);
});

describe('a command that needs the stack', () => {
  let http: TestHttp;
  beforeAll(async () => {
    http = await openTestHttp();
  });
  afterAll(() => http.close());

  test('says how to start it when nothing runs', async () => {
    expectClear(await callCommand(['--home', home, 'campaign', 'list']), 1, /nothing runs in .*whencode up/);
  });

  test('says so when the API token is another’s', async () => {
    const mine = join(folder, 'stranger');
    await mkdir(mine);
    await writeFile(join(mine, 'token'), `${'0'.repeat(64)}\n`);
    await writeFile(join(mine, 'control.json'), JSON.stringify({ url: http.url, pid: 1 }));
    expectClear(
      await callCommand(['--home', mine, 'campaign', 'list']),
      1,
      /does not know the token of this home folder/,
    );
  });

  test('refuses evaluations that can’t be: nothing to measure, an arm, a temperature, a model, a data set', async () => {
    const start = (...args: string[]) => callCommand(['--home', http.home, 'eval', 'start', ...args]);
    const suite = join(folder, 'held.jsonl');
    const model = join(folder, 'model');
    expectClear(await start('--suite', suite), 2, /say what to measure: --checkpoint/);
    expectClear(
      await start('--suite', suite, '--checkpoint', model, '--arms', 'auto,cod'),
      2,
      /arm "cod": allowed are auto, cot, code/,
    );
    expectClear(
      await start('--suite', suite, '--checkpoint', model, '--temperature', 'hot'),
      2,
      /allowed are 0 \(greedy\) to 10/,
    );
    expectClear(
      await start('--suite', suite, '--checkpoint', join(folder, 'without')),
      2,
      /has no tensor model\.norm\.weight/,
    );
    expectClear(
      await start('--suite', suite, '--checkpoint', model),
      2,
      /give template \(testbed, markdown, interleaved, retool\)/,
    );
    expectClear(
      await start('--suite', 'math501', '--checkpoint', model, '--template', 'testbed'),
      2,
      /did you mean math500\?/,
    );
    expect(await callCommand(['--home', http.home, 'eval', 'list'])).toMatchObject({
      stdout: 'Nothing has been measured yet.\n',
    });
  });
});
