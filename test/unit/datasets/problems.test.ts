import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ProblemsConfig } from '../../../src/config/campaign.ts';
import { checkDataset, listDatasets } from '../../../src/datasets/check.ts';
import { parseProblemFile, readProblemFile } from '../../../src/datasets/problem-file.ts';
import { resolveProblems } from '../../../src/datasets/resolve.ts';
import { textHash } from '../../../src/datasets/text-hash.ts';

let folder = '';
const at = (name: string): string => join(folder, name);
const line = (id: string, problem: string, answer: unknown = '1'): string => JSON.stringify({ id, problem, answer });
const resolve = (config: ProblemsConfig, seed?: number) =>
  resolveProblems(config, {
    dataDirectory: folder,
    cacheDirectory: at('cache'),
    ...(seed === undefined ? {} : { seed }),
  });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'whencode-problems-'));
  const many = Array.from({ length: 100 }, (_, i) => line(`p${i}`, `What is ${i} + ${i}?`, `${2 * i}`));
  await writeFile(at('math500.jsonl'), `${many.join('\n')}\n`);
  await writeFile(at('gaokao2023en.jsonl'), [line('a', 'A?'), line('b', 'B?', '')].join('\n'));
  await writeFile(at('mine.jsonl'), [line('a', 'A?'), line('b', 'B?', '')].join('\n'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe('a problem file', () => {
  it('is read with byte-order mark, blank lines, Windows line ends and numeric ids', async () => {
    await writeFile(at('marked.jsonl'), `\uFEFF{"id":7,"problem":"P","answer":"2","level":3}\r\n\r\n`);
    const { problems, faults } = await parseProblemFile(at('marked.jsonl'));
    expect(faults).toEqual([]);
    expect(problems).toEqual([{ id: '7', problem: 'P', answer: '2' }]);
  });

  it('names every broken line with its reason', async () => {
    const content = [
      line('a', 'P'),
      '{"id": "b"',
      '["c"]',
      line('a', 'Q'),
      line('d', 'P', ''),
      line('e', 'P', 5),
      line('g', 'P', { value: 5 }),
      line('f', ' '),
      '{"problem":"P","answer":"1"}',
    ].join('\n');
    await writeFile(at('broken.jsonl'), content);
    const reasons = (await parseProblemFile(at('broken.jsonl'))).faults.map(
      ({ place, reason }) => `${place}: ${reason}`,
    );
    expect(reasons).toEqual([
      'line 2: not JSON at column 11',
      'line 3: not a JSON object',
      'line 4: id "a" is already on line 1',
      'line 5: "answer" is empty',
      'line 7: "answer" is neither text nor a number',
      'line 8: "problem" is empty',
    ]);
  });

  it('is refused as a whole when a line is broken, empty or missing', async () => {
    await expect(readProblemFile(at('mine.jsonl'))).rejects.toThrow(
      /mine\.jsonl is not a file of problems.*\n {2}line 2: "answer" is empty/,
    );
    await writeFile(at('empty.jsonl'), '\n');
    await expect(readProblemFile(at('empty.jsonl'))).rejects.toThrow(/holds no problem/);
    await expect(readProblemFile(at('absent.jsonl'))).rejects.toThrow(/can't be read/);
  });
});

describe('problems of a campaign', () => {
  it('come from a data set by name, the first N in an order that the seed gives', async () => {
    const ten = await resolve({ from: 'math500', limit: 10 });
    expect(ten.description).toBe('10 of 100 problems of math500');
    expect(await resolve({ from: 'math500', limit: 10 })).toEqual(ten);
    const twenty = await resolve({ from: 'math500', limit: 20 });
    expect(twenty.problems.slice(0, 10)).toEqual(ten.problems);
    expect((await resolve({ from: 'math500', limit: 10 }, 1)).digest).not.toBe(ten.digest);
  });

  it('are equal by name and by path', async () => {
    const byPath = await resolve({ from: at('math500.jsonl') });
    expect(byPath.digest).toBe((await resolve({ from: 'math500' })).digest);
  });

  it('leave out what was published without an answer, but not in a file of one’s own', async () => {
    const { problems, description } = await resolve({ from: 'gaokao2023en' });
    expect(problems).toHaveLength(1);
    expect(description).toBe('1 problems of gaokao2023en (1 left out: published without an answer)');
    await expect(resolve({ from: at('mine.jsonl') })).rejects.toThrow(/line 2: "answer" is empty/);
  });

  it('come from a generator, without the label of the family', async () => {
    const { problems } = await resolve({ from: 'testbed', split: 'held-out', limit: 5 });
    expect(problems).toHaveLength(5);
    expect(Object.keys(problems[0] ?? {}).sort()).toEqual(['answer', 'id', 'problem']);
    expect((await resolve({ from: 'one-step', limit: 5 })).problems[0]?.id).toMatch(/^one-step\//);
  });

  it.each<[ProblemsConfig, RegExp]>([
    [{ from: 'testbed' }, /say how many problems with "limit"/],
    [{ from: 'one-step', split: 'unseen', limit: 3 }, /train and held-out, not unseen/],
    [{ from: 'testbed', split: 'test', limit: 3 }, /has the splits train, held-out, unseen, not test/],
    [{ from: 'math500', split: 'train' }, /"split" and "config" are for generators/],
    [{ from: 'gsm8k' }, /run "whencode data pull gsm8k"/],
    [{ from: 'testbeds', limit: 3 }, /did you mean testbed\?/],
  ])('%o is refused', async (config, message) => {
    await expect(resolve(config)).rejects.toThrow(message);
  });
});

describe('data check and data list', () => {
  it('finds repeated problems and those that another file has too, however they are typeset', async () => {
    await writeFile(
      at('train.jsonl'),
      [
        line('x', 'Find  $x$ with\n$x^2=4$.'),
        line('y', 'find x with x^2 = 4'),
        line('z', 'Find $x$ with $x^2=5$.'),
      ].join('\n'),
    );
    await writeFile(at('test.jsonl'), [line('t', 'Find $x$ with $\\left{x}^2\\,=5$!')].join('\n'));
    const where = { dataDirectory: folder, cacheDirectory: at('cache') };
    const check = await checkDataset({ from: at('train.jsonl') }, where, { from: at('test.jsonl') });
    expect(check.problems).toBe(3);
    expect(check.mistake).toBeUndefined();
    expect(check.duplicates).toEqual([{ id: 'y', otherId: 'x' }]);
    expect(check.overlap).toEqual([{ id: 'z', otherId: 't' }]);
  });

  it('keeps apart what differs in a sign or a digit', () => {
    expect(textHash('1+2')).not.toBe(textHash('1-2'));
    expect(textHash('12 and 3')).not.toBe(textHash('12 and 4'));
  });

  it('says which data sets are here', async () => {
    const listed = await listDatasets({ dataDirectory: folder, cacheDirectory: at('cache') });
    const here = listed.filter(({ path }) => path !== undefined).map(({ dataset }) => dataset.name);
    expect(here).toEqual(['math500', 'gaokao2023en']);
  });
});
