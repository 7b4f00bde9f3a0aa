/** The testbed's tokenizer is trained in Python and used in both languages: they must cut every text alike. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Tokenizer } from '@huggingface/tokenizers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readEnvironment } from '../../../src/config/environment.ts';
import { generateDemonstrations } from '../../../src/datasets/testbed/demonstrations.ts';
import { generateTestbed } from '../../../src/datasets/testbed/generate.ts';
import { testbedTokenizerSpec } from '../../../src/datasets/testbed/tokenizer-spec.ts';

const { python } = readEnvironment();
const script = join(import.meta.dirname, '../../../src/trainer/python/whencode_trainer/make_tokenizer.py');
const ENCODE = `import json, sys
from tokenizers import Tokenizer
tokenizer = Tokenizer.from_file(sys.argv[1] + '/tokenizer.json')
texts = json.load(open(sys.argv[1] + '/texts.json'))
print(json.dumps([tokenizer.encode(text).ids for text in texts]))`;

let folder = '';
let tokenizer: Tokenizer;

async function runPython(args: string[], stdin: string): Promise<string> {
  const running = promisify(execFile)(python, args, { maxBuffer: 1 << 26 });
  running.child.stdin?.end(stdin);
  return (await running).stdout;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'whencode-tokenizer-'));
  const { corpus, ...spec } = testbedTokenizerSpec();
  const corpusFile = join(folder, 'corpus.txt');
  await writeFile(corpusFile, corpus.join('\n'));
  await runPython([script], JSON.stringify({ ...spec, corpusFile, outDir: folder }));
  const read = async (name: string): Promise<object> => JSON.parse(await readFile(join(folder, name), 'utf8'));
  tokenizer = new Tokenizer(await read('tokenizer.json'), await read('tokenizer_config.json'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

const encode = (text: string): number[] => tokenizer.encode(text, { add_special_tokens: false }).ids;
const pieces = (text: string): string[] => encode(text).map((id) => tokenizer.decode([id]));

describe('the testbed tokenizer', () => {
  it('gives equal ids in Python and JavaScript, and its texts back', async () => {
    const texts = [
      ...generateDemonstrations({ count: 120, seed: 9 }).flatMap(({ problem, cot, code }) => [
        `<|bos|>${problem}<|sol|><|cot|>${cot.text}<|eos|>`,
        `<|bos|>${problem}<|sol|><|code|>${code.code}<|run|>`,
      ]),
      ...generateTestbed({ split: 'unseen', count: 200, seed: 9 }).map(({ problem }) => problem),
      ...Array.from({ length: 60 }, (_, i) => `${'9876543210123456789'.slice(0, (i % 19) + 1)} and 3.${i}, x${i}y`),
      'line\nbreak\t tab  two spaces ',
      'naïve ☃ 東京 ٣٤ ²',
      '\\boxed{\\frac{1}{2}} <|cot|><|unknown|>',
    ];
    expect(texts.length).toBeGreaterThanOrEqual(500);
    await writeFile(join(folder, 'texts.json'), JSON.stringify(texts));
    const fromPython: number[][] = JSON.parse(await runPython(['-c', ENCODE, folder], ''));
    expect(texts.map(encode)).toEqual(fromPython);
    expect(texts.map((text) => tokenizer.decode(encode(text)))).toEqual(texts);
  });

  it('has one token for every mark, unit and two-digit chunk', () => {
    const whole = ['<|pad|>', '<|bos|>', '<|eos|>', '<|sol|>', '<|cot|>', '<|code|>', '<|run|>', '<|out|>'];
    expect(whole.map((mark) => encode(mark))).toEqual(whole.map((_, id) => [id]));
    const chunks = Array.from({ length: 100 }, (_, i) => `${i}`.padStart(2, '0'));
    for (const text of ['\\boxed{', 'print(', 'RecursionError', 'ModuleNotFoundError', 'NameError', ...chunks]) {
      expect([text, encode(text).length]).toEqual([text, 1]);
    }
    expect(tokenizer.get_vocab().size).toBe(832);
  });

  it('cuts numbers from the right, so that hundreds are always a token of their own', () => {
    expect(pieces('12345*7')).toEqual(['1', '23', '45', '*', '7']);
    expect(pieces('print(1001+99)')).toEqual(['print(', '10', '01', '+', '99', ')']);
  });

  it('keeps solved problems at about 36 tokens', () => {
    const lengths = generateDemonstrations({ count: 300, seed: 2 }).map(
      ({ problem, cot }) => encode(`<|bos|>${problem}<|sol|><|cot|>${cot.text}<|eos|>`).length,
    );
    const mean = lengths.reduce((sum, length) => sum + length, 0) / lengths.length;
    expect(mean).toBeGreaterThan(25);
    expect(mean).toBeLessThan(40);
  });
});
