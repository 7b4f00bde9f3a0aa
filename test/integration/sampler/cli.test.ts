import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { UsageError } from '../../../src/cli/exit.ts';
import { tinyModels } from '../../support/tiny-models.ts';
import { parseLines, runCommand, writeLines } from './run-command.ts';

let scratch: string;
let model: string;
beforeAll(async () => {
  const models = await tinyModels();
  scratch = await mkdtemp(join(tmpdir(), 'whencode-sample-cli-'));
  model = join(scratch, 'model');
  await cp(join(models, 'llama-tied'), model, { recursive: true });
  for (const file of ['tokenizer.json', 'tokenizer_config.json', 'chat_template.jinja'])
    await cp(join(models, 'tokenizer-byte-level', file), join(model, file));
});
afterAll(() => rm(scratch, { recursive: true }));
afterEach(() => {
  vi.restoreAllMocks();
});

const fileOf = (lines: readonly unknown[]): Promise<string> => writeLines(scratch, lines);

interface Sample {
  readonly id: string;
  readonly sample: number;
  readonly text: string;
  readonly tokenIds: readonly number[];
  readonly logProbs: readonly number[];
  readonly finish: string;
}

interface Solved {
  readonly prefixMass: number;
  readonly solutions: readonly {
    readonly arm: string;
    readonly modelTokens: number;
    readonly segments: readonly { readonly by: string; readonly text: string }[];
  }[];
}

describe('whencode sample and score', () => {
  it('prints a line a sample, the same ones again, and score agrees with the log-probs', async () => {
    const file = await fileOf([
      { id: 'a', promptTokens: [3, 1, 4], n: 3, seed: 7 },
      { id: 'b', prompt: 'Bob has 4 eggs.', n: 2, seed: 'x' },
    ]);
    const options = ['--model', model, '--threads', '1', '--max-new-tokens', '9', '--json'];
    const printed = await runCommand('sample', file, ...options);
    const samples = parseLines<Sample>(printed);
    expect(samples.map(({ id, sample }) => `${id}${sample}`)).toEqual(['a0', 'a1', 'a2', 'b0', 'b1']);
    expect(new Set(samples.map(({ tokenIds }) => tokenIds.join())).size).toBe(5);
    expect(await runCommand('sample', file, ...options)).toBe(printed);

    const scored = await fileOf(
      samples.slice(0, 3).map(({ sample, tokenIds }) => ({
        id: `a${sample}`,
        promptTokens: [3, 1, 4],
        continuationTokens: tokenIds,
      })),
    );
    const scores = parseLines(await runCommand('score', scored, '--model', model, '--threads', '1', '--json'));
    expect(scores).toEqual(samples.slice(0, 3).map(({ sample, logProbs }) => ({ id: `a${sample}`, logProbs })));
  });

  it('solves a problem with a model folder, without a stack', async () => {
    const options = ['--model', model, '--threads', '1', '--template', 'markdown', '--max-new-tokens', '12'];
    const printed = await runCommand('solve', 'What is 3+4?', ...options, '--arms', 'auto,cot', '--json');
    const [solved] = parseLines<Solved>(JSON.stringify(JSON.parse(printed)));
    expect(solved?.prefixMass).toBeGreaterThan(0);
    expect(solved?.solutions.map(({ arm }) => arm)).toEqual(['auto', 'cot']);
    expect(solved?.solutions[1]?.segments[0]).toEqual({ by: 'prefix', text: "Let's think step by step.\n" });
    for (const { modelTokens } of solved?.solutions ?? []) expect(modelTokens).toBeGreaterThan(0);
    await expect(runCommand('solve', 'What is 3+4?')).rejects.toThrow('say who solves it');
  });

  it('streams the text of a single sample', async () => {
    const options = ['--model', model, '--threads', '1', '--max-new-tokens', '30'];
    const text = await runCommand('sample', 'Bob has', ...options);
    const [sample] = parseLines<Sample>(await runCommand('sample', 'Bob has', ...options, '--json'));
    expect(text).toBe(`${sample?.text}\n`);
  });

  it('draws from a part of the vocabulary, with log-probs of the whole', async () => {
    const options = ['--model', model, '--threads', '1', '--max-new-tokens', '12', '--json'];
    const first = async (...more: string[]): Promise<Sample | undefined> =>
      parseLines<Sample>(await runCommand('sample', 'Bob has', ...options, ...more))[0];
    const [greedy, top1] = [await first('--temperature', '0'), await first('--top-k', '1')];
    expect(top1?.tokenIds).toEqual(greedy?.tokenIds);
    expect(top1?.logProbs).toEqual(greedy?.logProbs);
    expect((await first('--min-p', '0.999'))?.tokenIds).toEqual(greedy?.tokenIds);
    const [free, nucleus] = [await first(), await first('--top-p', '0.1')];
    const sum = (sample: Sample | undefined): number =>
      sample?.logProbs.reduce((total, value) => total + value, 0) ?? 0;
    expect(sum(nucleus)).toBeGreaterThan(sum(free));
    await expect(first('--top-p', '1.5')).rejects.toThrow(/above 0 to below 1/);
  });

  it('says log-probs of what it computed: those of w8a8 score alike in w8a8', async () => {
    const options = ['--model', model, '--threads', '1', '--json'];
    const file = await fileOf([{ id: 'a', promptTokens: [3, 1, 4], n: 2 }]);
    const samples = parseLines<Sample>(
      await runCommand('sample', file, ...options, '--max-new-tokens', '9', '--compute', 'w8a8'),
    );
    const lines = samples.map(({ sample, tokenIds }) => ({
      id: `${sample}`,
      promptTokens: [3, 1, 4],
      continuationTokens: tokenIds,
    }));
    const scored = await fileOf(lines);
    const own = parseLines<Sample>(await runCommand('score', scored, ...options, '--compute', 'w8a8'));
    expect(own.map(({ logProbs }) => logProbs)).toEqual(samples.map(({ logProbs }) => logProbs));
    const exact = parseLines<Sample>(await runCommand('score', scored, ...options));
    const distances = exact.flatMap(({ logProbs }, i) =>
      logProbs.map((value, j) => Math.abs(value - (own[i]?.logProbs[j] ?? 0))),
    );
    expect(Math.max(...distances)).toBeGreaterThan(1e-4);
    expect(Math.max(...distances)).toBeLessThan(0.5);
  });

  it('forces an arm of a template', async () => {
    const options = ['--model', model, '--threads', '1', '--max-new-tokens', '4', '--json', '--template', 'markdown'];
    const [auto] = parseLines<Sample>(await runCommand('sample', '1+1?', ...options));
    const [code] = parseLines<Sample>(await runCommand('sample', '1+1?', ...options, '--arm', 'code'));
    expect(code?.tokenIds).not.toEqual(auto?.tokenIds);
    await expect(runCommand('sample', '1+1?', '--model', model, '--arm', 'code')).rejects.toThrow(
      /--arm code needs --template/,
    );
  });

  it.each<[string, unknown, RegExp]>([
    [
      'both prompts',
      { id: 'a', prompt: 'x', promptTokens: [1] },
      /lines\.jsonl, line 2: .*either prompt or promptTokens/,
    ],
    ['an unknown field', { id: 'a', prompt: 'x', seeds: 1 }, /line 2: .*seeds/],
    ['a token that the model lacks', { id: 'a', promptTokens: [9999] }, /9999 in its prompt is no token of the model/],
  ])('refuses %s as wrong use', async (_, line, message) => {
    const file = await fileOf([{ id: 'fine', prompt: 'x' }, line]);
    const call = runCommand('sample', file, '--model', model, '--threads', '1');
    await expect(call).rejects.toThrow(UsageError);
    await expect(call).rejects.toThrow(message);
  });

  it('names the missing file of a model folder', async () => {
    await expect(runCommand('sample', 'x', '--model', scratch)).rejects.toThrow(/has no tokenizer\.json/);
  });
});
