import { describe, expect, it } from 'vitest';
import { convertSource } from '../../../src/datasets/convert-source.ts';
import { DATASETS, findDataset, type RegisteredDataset } from '../../../src/datasets/registry.ts';

const lines = (...records: unknown[]): string => records.map((record) => JSON.stringify(record)).join('\n');
const convert = (name: string, ...records: unknown[]) => convertSource(lines(...records), findDataset(name));

describe('the registry', () => {
  it('knows the suites of the paper and the training sets', () => {
    expect(DATASETS.map(({ name }) => name)).toEqual([
      'gsm8k',
      'gsm8k-train',
      'math500',
      'math-train',
      'aime24',
      'aime25',
      'amc23',
      'amc-aimo',
      'gaokao2023en',
      'olympiadbench',
      'minerva',
      'math',
      'svamp',
      'multiarith',
      'aqua',
    ]);
  });

  it('calls nothing verified that was not fetched, and states whose checksum it compares with', () => {
    for (const { verified, checksum, url } of DATASETS) {
      expect(verified).toBe(false);
      expect(url).toMatch(/^https:/);
      if (checksum !== undefined) {
        expect(checksum.sha256).toMatch(/^[0-9a-f]{64}$/);
        expect(checksum.statedBy).toMatch(/Git LFS pointer|git repository/);
        expect(url).toMatch(/\/[0-9a-f]{40}\//);
      }
    }
    expect(DATASETS.filter(({ checksum }) => checksum === undefined).map(({ name }) => name)).toEqual([
      'aime25',
      'math',
    ]);
  });

  it('names the nearest data set for a mistyped name', () => {
    expect(() => findDataset('gsm8')).toThrow('did you mean gsm8k?');
    expect(() => findDataset('imagenet')).toThrow(/known are gsm8k, gsm8k-train/);
  });
});

describe('sources become problems', () => {
  it('with the answer after the hashes', () => {
    const { problems } = convert('gsm8k', { question: 'How much?', answer: 'She sells 1,200.\n#### 1,200' });
    expect(problems).toEqual([{ id: 'gsm8k/0', problem: 'How much?', answer: '1200' }]);
  });

  it('with the boxed content of a solution, nested braces included', () => {
    const { problems } = convert('minerva', {
      idx: 7,
      problem: 'Find it.',
      solution: 'First \\boxed{1}, then $\\boxed{\\frac{a}{\\{b\\}}}$.',
      type: 'Astronomy',
    });
    expect(problems).toEqual([
      { id: 'minerva/7', problem: 'Find it.', answer: '\\frac{a}{\\{b\\}}', type: 'Astronomy' },
    ]);
  });

  it('of several fields, and with the choices behind it', () => {
    const svamp = {
      ID: 'chal-777',
      Body: 'There are 290 bananas in 2 groups',
      Question: 'How big is each?',
      Answer: 145,
    };
    expect(convert('svamp', svamp).problems).toEqual([
      { id: 'svamp/chal-777', problem: 'There are 290 bananas in 2 groups. How big is each?', answer: '145' },
    ]);
    const { Body: _, ...withoutBody } = svamp;
    expect(() => convert('svamp', withoutBody)).toThrow(/line 1 of the source has no Body and Question/);
    const aqua = { question: 'How long?', options: ['A)5', 'B)7'], rationale: '…', correct: 'B' };
    expect(convert('aqua', aqua).problems).toEqual([{ id: 'aqua/0', problem: 'How long?\nA)5\nB)7', answer: 'B' }]);
    expect(() => convert('aqua', { question: 'How long?', correct: 'B' })).toThrow(/line 1 of the source/);
  });

  it('with the first of several answers, and a number as text', () => {
    const { problems } = convert('olympiadbench', { id: 1606, question: 'How many?', final_answer: ['$2$', '3'] });
    expect(problems[0]).toEqual({ id: 'olympiadbench/1606', problem: 'How many?', answer: '2' });
    expect(convert('amc23', { id: 0, question: 'Where?', answer: 27 }).problems[0]?.answer).toBe('27');
  });

  it('with a whole number without its decimals, which would read as rounding', () => {
    const problems = ['142.0', '-4.0', '0.5', '7', '100.00'].map((answer, id) => ({
      id,
      question: 'How many?',
      answer,
    }));
    const converted = convert('amc-aimo', ...problems).problems.map(({ answer }) => answer);
    expect(converted).toEqual(['142', '-4', '0.5', '7', '100']);
  });

  it('without those that were published without an answer', () => {
    const converted = convert('gaokao2023en', { question: 'A', answer: '' }, { question: 'B', answer: '4' });
    expect(converted).toEqual({
      problems: [{ id: 'gaokao2023en/1', problem: 'B', answer: '4' }],
      withoutAnswer: ['gaokao2023en/0'],
    });
  });

  it.each([
    ['a web page', '<html></html>', /line 1 of the source is not a JSON object/],
    ['another format', lines({ text: 'x' }), /line 1 of the source has no "problem"/],
    ['a record without hashes', lines({ question: 'x', answer: '12' }), /has no answer \(after-hashes of "answer"\)/],
    ['a Git LFS pointer', 'version https://git-lfs.github.com/spec/v1\noid sha256:12', /Git LFS pointer/],
    ['an empty file', '\n', /the source is empty/],
  ])('and %s is refused', (_, content, message) => {
    const gsm8k: RegisteredDataset = findDataset('gsm8k');
    expect(() => convertSource(content, gsm8k)).toThrow(message);
  });
});
