import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseProblemFile } from '../../../src/datasets/problem-file.ts';
import { resolveProblems } from '../../../src/datasets/resolve.ts';

interface Written {
  readonly id: string;
  readonly problem: string;
  readonly answer: string;
}

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'whencode-formats-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const separated = (rows: readonly Written[], delimiter: string): string =>
  [['id', 'problem', 'answer'], ...rows.map(({ id, problem, answer }) => [id, problem, answer])]
    .map((fields) => fields.map((field) => `"${field.replaceAll('"', '""')}"`).join(delimiter))
    .join('\r\n');

const jsonLines = (rows: readonly Written[]): string => rows.map((row) => JSON.stringify(row)).join('\n');

const swapped = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16();

/** Every way in which people hold the same rows. */
const WRITERS: Readonly<Record<string, (rows: readonly Written[]) => string | Uint8Array>> = {
  'lines.jsonl': jsonLines,
  'marked.jsonl': (rows) => `\uFEFF${jsonLines(rows)}\r\n`,
  'utf16.jsonl': (rows) => Buffer.from(`\uFEFF${jsonLines(rows)}`, 'utf16le'),
  'utf16be.jsonl': (rows) => swapped(`\uFEFF${jsonLines(rows)}`),
  'array.json': (rows) => JSON.stringify(rows, null, 2),
  'wrapped.json': (rows) => JSON.stringify({ data: rows }),
  'commas.csv': (rows) => separated(rows, ','),
  'marked.csv': (rows) => `\uFEFF${separated(rows, ',')}\r\n`,
  'semicolons.csv': (rows) => separated(rows, ';'),
  'tabs.csv': (rows) => separated(rows, '\t'),
  'excel.csv': (rows) => `\uFEFFsep=;\r\n${separated(rows, ';')}\r\n`,
  'blanks.csv': (rows) => separated(rows, ' , '),
  'utf16.csv': (rows) => Buffer.from(`\uFEFF${separated(rows, '\t')}`, 'utf16le'),
  'versioned.json': (rows) => JSON.stringify({ version: '1.0', source: ['a', 'b'], data: rows }),
  'tabs.tsv': (rows) => separated(rows, '\t'),
  'columns.parquet': (rows) =>
    new Uint8Array(
      parquetWriteBuffer({
        columnData: (['id', 'problem', 'answer'] as const).map((name) => ({
          name,
          data: rows.map((row) => row[name]),
          type: 'STRING' as const,
        })),
      }),
    ),
};

const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }).filter((value) => value.trim() !== '');
/** Without a mark that `auto` would take the answer from. */
const answer = fc.oneof(fc.integer().map(String), fc.constantFrom('\\frac{1}{2}', '(2, 3)', 'x^2, y', '"quoted"'));
const rows = fc.uniqueArray(fc.record({ id: fc.uuid(), problem: text, answer }), {
  selector: ({ id }) => id,
  minLength: 1,
  maxLength: 8,
});

describe('the same rows are the same problems', () => {
  it.each(Object.keys(WRITERS))('in %s', async (name) => {
    const path = join(folder, name);
    await fc.assert(
      fc.asyncProperty(rows, async (written) => {
        await writeFile(path, WRITERS[name]?.(written) ?? '');
        const { problems, faults } = await parseProblemFile(path);
        expect(faults).toEqual([]);
        expect(problems).toEqual(written);
      }),
      { numRuns: 60 },
    );
  });
});

describe('columns', () => {
  const parse = async (values: readonly unknown[], format = {}) => {
    const path = join(folder, 'columns.jsonl');
    await writeFile(path, values.map((value) => JSON.stringify(value)).join('\n'));
    return parseProblemFile(path, format);
  };

  it('are found by the names that published sets use', async () => {
    const named = fc.constantFrom('problem', 'question', 'Question', 'prompt', 'query', 'instruction');
    const answered = fc.constantFrom('answer', 'Answer', 'final_answer', 'gold', 'ground_truth', 'target', 'solution');
    await fc.assert(
      fc.asyncProperty(named, answered, async (problem, answer) => {
        const { problems } = await parse([{ [problem]: 'What is 1 + 1?', [answer]: '2' }]);
        expect(problems).toEqual([{ id: 'columns/0', problem: 'What is 1 + 1?', answer: '2' }]);
      }),
    );
  });

  it('of verl rows are the user message and the reward model’s ground truth', async () => {
    const row = {
      data_source: 'gsm8k',
      prompt: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'What is 1 + 1?' },
      ],
      reward_model: { style: 'rule', ground_truth: '2' },
      extra_info: { split: 'train', index: 7 },
    };
    expect((await parse([row])).problems).toEqual([{ id: '7', problem: 'What is 1 + 1?', answer: '2' }]);
  });

  it('of conversations are read from JSON text, as CSV holds them, and from messages in parts', async () => {
    await fc.assert(
      fc.asyncProperty(text, fc.boolean(), fc.boolean(), async (problem, inParts, asText) => {
        const content = inParts ? [{ type: 'text', text: problem }] : problem;
        const prompt = [
          { role: 'system', content: 'Be brief.' },
          { role: 'user', content },
        ];
        const reward_model = { style: 'rule', ground_truth: '2' };
        const row = asText
          ? { prompt: JSON.stringify(prompt), reward_model: JSON.stringify(reward_model) }
          : { prompt, reward_model };
        expect((await parse([row])).problems).toEqual([{ id: 'columns/0', problem, answer: '2' }]);
      }),
      { numRuns: 40 },
    );
    const picture = [{ role: 'user', content: [{ type: 'image', url: 'a.png' }] }];
    expect((await parse([{ prompt: picture, answer: '1' }])).faults).toHaveLength(1);
    const list = '[{1}, {2}]: which set is larger?';
    expect((await parse([{ prompt: list, answer: '1' }])).problems[0]?.problem).toBe(list);
  });

  it('are taken as the campaign file names them, nested ones with a dot', async () => {
    const format = { problem: 'input.text', answer: 'out', id: 'key' };
    const { problems } = await parse([{ key: 3, input: { text: 'P' }, out: 4, answer: 'no' }], format);
    expect(problems).toEqual([{ id: '3', problem: 'P', answer: '4' }]);
  });

  it('that are not there are named, with what was probably meant', async () => {
    const { faults } = await parse([{ question: 'P', answr: '1' }], { answer: 'answer' });
    expect(faults.map(({ reason }) => reason)).toEqual(['there is no column "answer"; did you mean "answr"?']);
    const unknown = await parse([{ a: 'P', b: '1' }]);
    expect(unknown.faults[0]?.reason).toBe(
      'no column looks like the problem; name it with "problem: COLUMN"; there are a, b',
    );
  });
});

describe('a file that can’t be read', () => {
  it.each([
    ['empty.jsonl', '', /is empty/],
    ['pointer.parquet', 'version https://git-lfs.github.com/spec/v1\noid sha256:0\n', /Git LFS pointer/],
    ['latin1.jsonl', Buffer.from('{"a":1}\n{"problem":"caf\u00e9"}', 'latin1'), /not UTF-8 text at line 2/],
    ['unmarked16.jsonl', Buffer.from('{"problem":"P","answer":"1"}', 'utf16le'), /zero bytes, as UTF-16 without/],
    ['wide.jsonl', Buffer.from([0xff, 0xfe, 0, 0, 0x7b, 0, 0, 0]), /zero bytes, as UTF-16 without/],
    ['packed.jsonl', gzipSync('{"problem":"P","answer":"1"}'), /compressed \(gzip\); unpack it with `gunzip FILE`/],
    ['table.csv', Buffer.from('PK\u0003\u0004xl/workbook.xml'), /compressed \(zip, as xlsx is\)/],
    ['broken.parquet', 'PAR1 and no more', /can't be read/],
    ['twice.csv', 'problem,answer,answer\n"a",1,2\n', /two columns are called "answer"/],
    ['ragged.csv', 'problem,answer\n"a",1,2,3\n', /Invalid Record Length/],
  ])('%s is refused with its reason', async (name, content, message) => {
    const path = join(folder, name);
    await writeFile(path, content);
    await expect(resolveProblems({ from: path }, { cacheDirectory: folder })).rejects.toThrow(message);
  });
});
