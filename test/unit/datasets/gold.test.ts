import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readGold } from '../../../src/datasets/gold.ts';
import { resolveProblems } from '../../../src/datasets/resolve.ts';

const answer = fc.oneof(
  fc.integer({ min: -99_999, max: 99_999 }).map(String),
  fc.constantFrom('1,234', '\\frac{3}{4}', '(2, 3)', '\\{1, 2\\}', 'x^{2}+1', '12\\%'),
);
/** A solution that mentions other numbers. */
const story = fc.array(
  fc.constantFrom('Tom has 4 bags.', 'So 3*4 = <<3*4=12>>12.', 'Then $x = 7$.', 'That is 5 each.'),
  {
    minLength: 1,
    maxLength: 6,
  },
);

describe('the gold of a published answer', () => {
  it('is what follows the last ####, wherever solutions mention other numbers', () => {
    fc.assert(
      fc.property(story, answer, fc.constantFrom(' ', '', '  '), (lines, gold, space) => {
        const text = `${lines.join('\n')}\n####${space}${gold}`;
        for (const form of ['auto', 'after-hashes'] as const)
          expect(readGold(text, form)).toEqual({ gold, solution: text });
      }),
    );
  });

  it('is the content of the last box, or of the last <answer>', () => {
    fc.assert(
      fc.property(story, answer, (lines, gold) => {
        const boxed = `${lines.join(' ')} The answer is $\\boxed{${gold}}$.`;
        for (const form of ['auto', 'boxed'] as const) expect(readGold(boxed, form)).toMatchObject({ gold });
        const tagged = `<think>${lines.join(' ')}</think><answer>${gold}</answer>`;
        expect(readGold(tagged, 'auto')).toMatchObject({ gold });
      }),
    );
  });

  it('is the answer itself where it has no mark', () => {
    fc.assert(
      fc.property(answer, (gold) => {
        expect(readGold(gold, 'auto')).toEqual({ gold });
        expect(readGold(`${gold}\n#### 3`, 'as-is')).toEqual({ gold: `${gold}\n#### 3` });
      }),
    );
  });

  it.each([
    [7, '7'],
    [0.5, '0.5'],
    [['5'], '5'],
    [['2', '3'], '2, 3'],
    ['["5"]', '5'],
    ['["\\\\frac{1}{2}"]', '\\frac{1}{2}'],
  ])('of %j is %j', (value, gold) => {
    expect(readGold(value, 'auto')).toMatchObject({ gold });
  });

  it.each([
    ['no mark here', 'after-hashes', /no answer in the form "after-hashes"/],
    ['no box here', 'boxed', /no answer in the form "boxed"/],
    ['so it is\n####', 'auto', /a mark of an answer and no answer/],
    [{ value: 1 }, 'auto', /neither text nor a number/],
    [Number.NaN, 'auto', /neither text nor a number/],
    [[], 'auto', /neither text nor a number/],
    ['', 'auto', /is empty/],
    [2 ** 70, 'auto', /more digits than are read exactly .*write it as text/],
    [[3, 2 ** 53], 'as-is', /more digits than are read exactly/],
  ] as const)('of %j as %s is refused', (value, form, message) => {
    expect(readGold(value, form)).toEqual({ reason: expect.stringMatching(message) });
  });
});

describe('published solutions', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'whencode-gold-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const resolve = async (rows: readonly object[], columns = {}) => {
    const from = join(folder, 'set.jsonl');
    await writeFile(from, rows.map((row) => JSON.stringify(row)).join('\n'));
    return resolveProblems({ from, ...columns }, { cacheDirectory: folder });
  };

  it('in GSM8K’s form under our own column names give their answers as golds', async () => {
    const rows = Array.from({ length: 20 }, (_, n) => ({
      id: `g${n}`,
      problem: `Tom has ${n} bags of 3.`,
      answer: `Tom has ${n}*3=<<${n}*3=${3 * n}>>${3 * n} items.\n#### ${3 * n}`,
    }));
    const { problems } = await resolve(rows);
    expect(problems.map(({ answer: gold }) => gold)).toEqual(rows.map((_, n) => `${3 * n}`));
  });

  it('that the golds do not grade right refuse the set, with rows', async () => {
    const rows = Array.from({ length: 100 }, (_, n) => ({
      id: `m${n}`,
      problem: `What is ${n} + 1?`,
      answer: n < 3 ? `${n}` : `${n + 1}`,
      solution: `We add: $\\boxed{${n + 1}}$`,
    }));
    await expect(resolve(rows)).rejects.toThrow(
      /3 of 100 golds do not grade their own published solution right.*\n {2}m0: gold "0", solution ends/,
    );
    const twoWrong = [{ id: 'm', problem: 'What is 0 + 1?', answer: '1', solution: '$\\boxed{1}$' }, ...rows.slice(1)];
    expect((await resolve(twoWrong)).problems).toHaveLength(100);
  });

  it('without a marked answer say nothing', async () => {
    const { problems } = await resolve([{ problem: 'P', answer: '3', solution: 'Think of four, then of five.' }]);
    expect(problems).toHaveLength(1);
  });
});
