import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { applyFacts } from '../../../src/db/apply-facts.ts';
import { campaignStory, EM_SCORES, EVALUATED, RL_SCORES } from '../../browser/campaign-story.ts';
import { openTestHttp, type TestHttp } from '../../support/http.ts';

const COMMAND = resolve('src/cli/whencode.mjs');

let http: TestHttp;
let scratch: string;

beforeAll(async () => {
  http = await openTestHttp();
  scratch = await mkdtemp(join(tmpdir(), 'whencode-cli-'));
  const common = { store: http.store, planned: 4, startMs: Date.UTC(2026, 0, 1) } as const;
  await applyFacts(
    http.db,
    await campaignStory({ ...common, id: 'em-run', method: 'em', scores: EM_SCORES.slice(0, 2) }),
  );
  await applyFacts(
    http.db,
    await campaignStory({ ...common, id: 'rl-run', method: 'rl', scores: RL_SCORES.slice(0, 2) }),
  );
});
afterAll(async () => {
  await http.close();
  await rm(scratch, { recursive: true });
});

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command as a user calls it, in a process of its own. */
function whencode(...args: string[]): Promise<Ended> {
  return new Promise((done) => {
    const env = { ...process.env, WHENCODE_HOME: http.home };
    execFile(process.execPath, [COMMAND, ...args], { env, maxBuffer: 1e8 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      done({ code, stdout, stderr });
    });
  });
}

it('ends with 2 on wrong use and names what was probably meant', async () => {
  const [command, option, subcommand, missing] = await Promise.all([
    whencode('campain', 'list'),
    whencode('campaign', 'list', '--jsno'),
    whencode('rollouts', 'shwo', 'em-run'),
    whencode('campaign', 'extend', 'em-run'),
  ]);
  expect([command.code, option.code, subcommand.code, missing.code]).toEqual([2, 2, 2, 2]);
  expect(command.stderr).toContain('Did you mean campaign?');
  expect(option.stderr).toContain('Did you mean --json?');
  expect(subcommand.stderr).toContain('Did you mean show?');
  expect(missing.stderr).toContain('--iterations');
});

it('ends with 1 when nothing runs, and says how to start it', async () => {
  const ended = await whencode('--home', join(scratch, 'empty'), 'campaign', 'list');
  expect(ended).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('whencode up') });
});

it('lists and shows campaigns as text and as JSON', async () => {
  const [text, json, shown, unknown, iteration] = await Promise.all([
    whencode('campaign', 'list'),
    whencode('campaign', 'list', '--json'),
    whencode('campaign', 'show', 'em-run'),
    whencode('campaign', 'show', 'em-rnu'),
    whencode('iteration', 'show', 'em-run', '1'),
  ]);
  expect([text.code, json.code, shown.code, unknown.code, iteration.code]).toEqual([0, 0, 0, 1, 0]);
  expect(iteration.stdout).toContain('sampled by embedded onnxruntime-node 1.30.0, fp32\n');
  expect(text.stdout).toMatch(/em-run +running +em +1\/4 +\.68 \[\.63, \.72\]/);
  expect(
    JSON.parse(json.stdout)
      .map((item: { id: string }) => item.id)
      .sort(),
  ).toEqual(['em-run', 'rl-run']);
  expect(shown.stdout).toMatch(/1 +train +completed +5\.8 s/);
  expect(unknown.stderr).toContain('there are em-run, rl-run');
});

it('compares campaigns and lists their checkpoints', async () => {
  const [compared, listed] = await Promise.all([
    whencode('eval', 'compare', 'em-run', 'rl-run', '--json'),
    whencode('checkpoint', 'list', '--campaign', 'em-run', '--json'),
  ]);
  const rows = JSON.parse(compared.stdout);
  expect(rows[1]).toMatchObject({
    suite: 'held-out',
    iteration: 1,
    left: { accuracy: { auto: { value: 0.68, n: 400 } } },
    right: { accuracy: { auto: { value: 0.38, n: 400 } } },
  });
  expect(JSON.parse(listed.stdout)).toHaveLength(2);
});

it('exports a checkpoint byte for byte, refuses a folder that is in use, pins and unpins', async () => {
  const folder = join(scratch, 'model');
  await writeFile(join(scratch, 'source.bin'), Buffer.from([0, 1, 2, 255]));
  const { digest } = await http.store.putTree(scratch);
  await applyFacts(http.db, [
    { kind: 'checkpoint', digest, campaignId: 'other', iteration: 0, at: new Date(0).toISOString() },
  ]);
  const exported = await whencode('checkpoint', 'export', digest.slice(7, 19), folder, '--json');
  expect(exported).toMatchObject({ code: 0, stderr: '' });
  expect([...(await readFile(join(folder, 'source.bin')))]).toEqual([0, 1, 2, 255]);
  expect(await whencode('checkpoint', 'export', digest, folder)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('not empty'),
  });
  const isPinnedAfter = async (mark: 'pin' | 'unpin'): Promise<boolean> => {
    expect(await whencode('checkpoint', mark, digest)).toMatchObject({ code: 0, stderr: '' });
    const listed = await whencode('checkpoint', 'list', '--json');
    expect(listed).toMatchObject({ code: 0, stderr: '' });
    return JSON.parse(listed.stdout).find((item: { digest: string }) => item.digest === digest)?.pinned === true;
  };
  expect(await isPinnedAfter('pin')).toBe(true);
  expect(await isPinnedAfter('unpin')).toBe(false);
});

it('shows rollouts by filter and exports all of them', async () => {
  const out = join(scratch, 'rollouts.jsonl');
  const [shown, exported] = await Promise.all([
    whencode(
      'rollouts',
      'show',
      'em-run',
      '--iteration',
      '1',
      '--arm',
      'code',
      '--grade',
      'correct',
      '--limit',
      '2',
      '--json',
    ),
    whencode('rollouts', 'export', 'em-run', '--iteration', '1', '--out', out),
  ]);
  const page = JSON.parse(shown.stdout);
  expect(page.rollouts).toHaveLength(2);
  for (const rollout of page.rollouts) {
    expect(rollout).toMatchObject({ arm: 'code', grade: { verdict: 'correct', answer: rollout.problem.answer } });
    expect(rollout.texts.blocks[0].result.stdout.trim()).toBe(rollout.problem.answer);
  }
  expect(exported.code).toBe(0);
  const lines = (await readFile(out, 'utf8')).trim().split('\n');
  expect(new Set(lines.map((line) => JSON.parse(line).id)).size).toBe(1024);
});

it('shows and exports rollouts of an evaluation by decision and text, under one syntax of references', async () => {
  const { stdout: listed } = await whencode('eval', 'list', '--campaign', 'em-run', '--json');
  const evaluation: string = JSON.parse(listed).find((item: { iteration: number }) => item.iteration === 0).id;
  const out = join(scratch, 'evaluated.jsonl');
  const [wrong, both, exported, training, twice] = await Promise.all([
    whencode('rollouts', 'show', evaluation, '--decision', 'wrong', '--arm', 'auto', '--json'),
    whencode('rollouts', 'show', evaluation, '--decision', 'wrong', '--grep', 'PYTHON', '--limit', '500', '--json'),
    whencode('rollouts', 'export', evaluation, '--out', out),
    whencode('rollouts', 'show', 'em-run/1', '--decision', 'wrong'),
    whencode('rollouts', 'show', 'em-run', '1', '--iteration', '1'),
  ]);
  const page = JSON.parse(wrong.stdout);
  // Every third problem from the seventh on is for code, which the start does not take yet, and so is the first.
  expect(page).toMatchObject({ evaluation, total: 7 });
  expect(page.rollouts.every((item: { ranCode: boolean }) => !item.ranCode)).toBe(true);
  expect(JSON.parse(both.stdout).rollouts.map((item: { arm: string }) => item.arm)).toEqual(Array(7).fill('code'));
  expect((await readFile(out, 'utf8')).trim().split('\n')).toHaveLength(3 * EVALUATED);
  expect(exported.stdout).toContain(`${3 * EVALUATED} rollouts`);
  expect(training).toMatchObject({ code: 2, stderr: expect.stringContaining('give its id, `eval/…`') });
  expect(twice).toMatchObject({ code: 2, stderr: expect.stringContaining('given twice') });
  const [spelled, slashed] = await Promise.all([
    whencode('rollouts', 'show', 'em-run', '1', '--limit', '1', '--json'),
    whencode('rollouts', 'show', 'em-run/1', '--limit', '1', '--json'),
  ]);
  expect(JSON.parse(spelled.stdout)).toMatchObject({ iteration: 1, total: 1024 });
  expect(slashed.stdout).toBe(spelled.stdout);
});

it('starts a file with other settings and another name', async () => {
  const empty = join(scratch, 'empty');
  const start = (...more: string[]) =>
    whencode('--home', empty, 'campaign', 'start', 'examples/testbed.yaml', '--dry-run', '--json', ...more);
  const [changed, unknown, twice] = await Promise.all([
    start('--set', 'k=2', '--set', 'iterations=3', '--name', 'another'),
    start('--set', 'kk=2'),
    start('--set', 'name=other'),
  ]);
  expect(changed).toMatchObject({ code: 0 });
  expect(JSON.parse(changed.stdout)).toMatchObject({ name: 'another', iterations: 3 });
  expect(unknown).toMatchObject({ code: 2, stderr: expect.stringContaining('kk is not a setting; did you mean k?') });
  expect(twice).toMatchObject({ code: 2, stderr: expect.stringContaining('by --name') });
});

it('follows a campaign, and says how to come back when the person leaves', async () => {
  const env = { ...process.env, WHENCODE_HOME: http.home };
  const child = spawn(process.execPath, [COMMAND, 'campaign', 'watch', 'em-run'], { env, stdio: 'pipe' });
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].on('data', (chunk: Buffer) => {
      said[name] += chunk.toString();
    });
  await once(child.stdout, 'data');
  child.kill('SIGINT');
  const [code] = await once(child, 'close');
  expect(code).toBe(130);
  expect(said.stdout).toContain('em-run is running');
  expect(said.stderr).toContain('em-run goes on; `whencode campaign watch em-run` follows it again');
  expect(await whencode('campaign', 'watch', 'no-run')).toMatchObject({ code: 1, stdout: '' });
});

it('checks a campaign file whole without a running stack, and prints the plan', async () => {
  const wrong = join(scratch, 'wrong.yaml');
  const valid = await readFile('examples/testbed.yaml', 'utf8');
  await writeFile(wrong, valid.replace('iterations: 4', 'itertions: 4').replace(/epochs: \d+/, 'epochs: none'));
  const nowhere = join(scratch, 'nowhere.yaml');
  await writeFile(nowhere, valid.replace('model: testbed', 'model: ./no-such-model'));
  const empty = join(scratch, 'empty');
  const [planned, refused, noModel] = await Promise.all([
    whencode('--home', empty, 'campaign', 'start', 'examples/testbed.yaml', '--dry-run', '--json'),
    whencode('--home', empty, 'campaign', 'start', wrong, '--dry-run'),
    whencode('--home', empty, 'campaign', 'start', nowhere, '--dry-run'),
  ]);
  expect(planned.code).toBe(0);
  expect(JSON.parse(planned.stdout)).toMatchObject({
    iteration: { rollouts: 1024, shards: 2, maxNewTokens: 65_536 },
    evaluations: [{ suite: 'held-out', rollouts: 1200 }],
    total: { rollouts: 4 * 1024 + 5 * 1200 },
    warnings: [expect.stringMatching(/^the best checkpoint is chosen on held-out/)],
  });
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain('did you mean iterations?');
  expect(refused.stderr).toContain('train.epochs');
  expect(noModel).toMatchObject({ code: 2, stderr: expect.stringContaining('config.json') });
});

it('checks files of problems, and says where a data set comes from', async () => {
  const broken = join(scratch, 'broken.jsonl');
  await writeFile(broken, '{"id": "a", "problem": "1+1", "answer": "2"}\n{"id": "b", "problem": ""}\n');
  const [checked, listed, unknown] = await Promise.all([
    whencode('data', 'check', broken),
    whencode('data', 'list', '--json'),
    whencode('data', 'pull', 'gsm9k'),
  ]);
  expect(checked).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('line 2') });
  expect(JSON.parse(listed.stdout).map((item: { dataset: { name: string } }) => item.dataset.name)).toContain(
    'math500',
  );
  expect(unknown).toMatchObject({ code: 2, stderr: expect.stringContaining('did you mean gsm8k?') });
});
