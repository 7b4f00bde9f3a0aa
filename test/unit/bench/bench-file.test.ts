import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadBench } from '../../../src/bench/bench-file.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bench-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function load(text: string) {
  const path = join(folder, 'bench.yaml');
  await writeFile(path, text);
  return loadBench(path);
}

const MODELS = 'models: { start: math/0, em: { checkpoint: math/4, template: markdown } }\nsuites: [math500]\n';

test('every model is asked in every way on every suite, under the same limits', async () => {
  await writeFile(
    join(folder, 'shots.jsonl'),
    '{"problem":"1+1?","solution":"2","source":"x"}\n{"problem":"2+2?","solution":"4"}\n',
  );
  const bench = await load(
    `${MODELS}prompts: { own: {}, shots: { exemplars: { file: shots.jsonl, count: 2 }, arms: [cot] } }
samples: 8
votes: [4, 8]
tokens: 900
reference: { model: em, arm: code }
`,
  );
  expect(bench.cells.map(({ model, prompt, arms }) => [model, prompt, arms])).toEqual([
    ['start', 'own', ['auto', 'cot', 'code']],
    ['start', 'shots', ['cot']],
    ['em', 'own', ['auto', 'cot', 'code']],
    ['em', 'shots', ['cot']],
  ]);
  expect(bench.cells[3]?.request).toEqual({
    checkpoint: 'math/4',
    template: 'markdown',
    suite: 'math500',
    samples: 8,
    arms: ['cot'],
    prompt: {
      examples: [
        { problem: '1+1?', solution: '2' },
        { problem: '2+2?', solution: '4' },
      ],
    },
  });
  expect(bench).toMatchObject({
    votes: [4, 8],
    tokens: 900,
    reference: { model: 'em', prompt: 'own', arm: 'code', votes: 1 },
  });
});

test('paths are relative to the bench file', async () => {
  const bench = await load(
    'models: { mine: ./models/mine }\nsuites: [problems.jsonl, { suite: s, problems: { from: a.csv } }]\n',
  );
  expect(bench.cells.map(({ request }) => request.checkpoint)).toEqual(Array(2).fill(join(folder, 'models/mine')));
  expect(bench.cells[0]?.request.suite).toBe(join(folder, 'problems.jsonl'));
  expect(bench.cells[1]?.request.suite).toMatchObject({ problems: { from: join(folder, 'a.csv') } });
});

test('a suite with samples of its own is enough for votes', async () => {
  const suite = '{ suite: s, samples: 8, problems: { from: a.csv } }';
  const { votes } = await load(`models: { a: b/1 }\nsuites: [${suite}]\nvotes: [8]\n`);
  expect(votes).toEqual([8]);
});

test.each([
  ['', /models/],
  ['models: {}\nsuites: [a]\n', /models: name at least one model/],
  [`${MODELS}samples: 4\nvotes: [8]\n`, /bench\.yaml:4: votes: a vote of 8 needs samples: 8 or more; it is 4/],
  [`${MODELS}samples: 8\nvotes: [4, 4]\n`, /votes: name each size once/],
  ['models: { a: b/1 }\nsuites: [a, { suite: a, problems: { from: a.csv } }]\n', /two are called a/],
  [`${MODELS}reference: { model: rl }\n`, /reference\.model: "rl" is none of start, em/],
  [`${MODELS}samples: 8\nvotes: [4]\nreference: { model: em, votes: 8 }\n`, /reference\.votes: 8 is none of votes: 4/],
  [
    `${MODELS}prompts: { pot: { arms: [code] } }\nreference: { model: em, arm: auto }\n`,
    /the prompt pot has no arm auto; it has code/,
  ],
  [`${MODELS}prompts: { shots: { exemplars: { file: none.jsonl } } }\n`, /none\.jsonl can't be read/],
  [`${MODELS}prompts: { shots: { exemplars: { file: shots.jsonl, count: 3 } } }\n`, /has 2; asked are 3/],
  [`${MODELS}sample: 4\n`, /sample/],
  ['models: [\n', /bench\.yaml: /],
])('a bench that can not be run is refused: %j', async (text, message) => {
  await expect(load(text)).rejects.toThrow(message);
});

test('the bench of the examples is valid', async () => {
  const { cells } = await loadBench('examples/benches/testbed.yaml');
  expect(cells).toHaveLength(12);
});
