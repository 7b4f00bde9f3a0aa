/** The code habits are part of the testbed's definition: here they really run, in separate Python processes and in a batch. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readEnvironment } from '../../../src/config/environment.ts';
import { batchProgram, batchRunner, parseBatchOutput } from '../../../src/datasets/batch-program.ts';
import { completeDemonstrations, type SnippetOutcome } from '../../../src/datasets/demonstrations.ts';
import { generateOneStepDemonstrations, oneStepStyle } from '../../../src/datasets/one-step.ts';
import { seededRandom } from '../../../src/datasets/random.ts';
import { generateDemonstrations, TESTBED_STYLE } from '../../../src/datasets/testbed/demonstrations.ts';
import { LEVELS } from '../../../src/datasets/testbed/generate.ts';

const { python } = readEnvironment();
let folder = '';
let files = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'whencode-habits-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function runFile(code: string): Promise<{ stdout: string; stderr: string }> {
  const path = join(folder, `${files++}.py`);
  await writeFile(path, code);
  // -I -S: no site packages, as in the sandbox, and a bare start.
  return await promisify(execFile)(python, ['-I', '-S', path], { maxBuffer: 1 << 24 }).catch(
    (error: { stdout: string; stderr: string }) => error,
  );
}

async function runAlone(code: string): Promise<SnippetOutcome> {
  const { stdout, stderr } = await runFile(code);
  return stderr === '' ? { stdout } : { stdout, exception: stderr.trimEnd().split('\n').at(-1) ?? '' };
}

async function runTogether(codes: readonly string[]): Promise<SnippetOutcome[]> {
  const { stdout, stderr } = await runFile(batchProgram(codes));
  if (stderr !== '') throw new Error(stderr);
  return parseBatchOutput(stdout, codes.length);
}

/** What the habit comes to, per level: the share of right answers, and how the others end. */
const BROKEN: Record<string, RegExp> = {
  'word/distractor': /^$/,
  'word/two-distractors': /^$/,
  'last-digit/5-digit': /^ValueError: Exceeds the limit \(4300 digits\)/,
  'last-digit/6-digit': /^ValueError: Exceeds the limit \(4300 digits\)/,
  'series/thousands': /^RecursionError: maximum recursion depth exceeded/,
  'series/ten-thousands': /^RecursionError: maximum recursion depth exceeded/,
  'series/hundred-thousands': /^RecursionError: maximum recursion depth exceeded/,
  'weekday/up-to-28-days': /^ModuleNotFoundError: No module named 'pendulum'$/,
  'weekday/29-59-days': /^ModuleNotFoundError: No module named 'pendulum'$/,
  'units/integer-factor': /^ModuleNotFoundError: No module named 'pint'$/,
  'polygon/up-to-10-sides': /^NameError: name 'shapes' is not defined$/,
};

describe.each(LEVELS.map((level) => [`${level.family}/${level.name}`, level] as const))('%s', (key, level) => {
  it(level.favoured === 'cot' ? 'has a code habit that fails' : 'has a code habit that works', async () => {
    const random = seededRandom(`habits of ${key}`);
    const draws = Array.from({ length: 40 }, () => level.draw(random));
    const outcomes = await runTogether(draws.map(({ code }) => code));
    const right = draws.filter(
      ({ answer }, i) => outcomes[i]?.exception === undefined && outcomes[i]?.stdout.trim() === answer,
    );
    const expected = BROKEN[key];
    if (expected === undefined) {
      expect(level.favoured).not.toBe('cot');
      expect(right.length).toBe(draws.length);
      return;
    }
    expect(level.favoured).toBe('cot');
    const wrong = outcomes.filter((_, i) => !right.includes(draws[i] as (typeof draws)[0]));
    expect(wrong.map(({ exception = '' }) => exception).filter((exception) => !expected.test(exception))).toEqual([]);
    // Only units has a right way among its demonstrations, in 15 % of them.
    expect(right.length / draws.length).toBeLessThanOrEqual(level.family === 'units' ? 0.4 : 0);
    if (level.family === 'units') expect(right.length).toBeGreaterThan(0);
  });
});

describe('snippets in one program', () => {
  const tricky = [
    'print("before")\nraise ValueError("two\\nlines")',
    'x = (1',
    'print(1, end="")',
    'print("ünï ☃ \\u2028")',
    'f=lambda n:n and n+f(n-1);print(f(985))',
    'f=lambda n:n and n+f(n-1);print(f(998))',
    'f=lambda n:n and n+f(n-1);print(f(999))',
    'print(len(str(10**4299)))',
    'print(str(10**4300))',
    'total = 3',
    'print(total)',
    'import sys\nsys.setrecursionlimit(50)\nprint(1)',
    'f=lambda n:n and n+f(n-1);print(f(900))',
    'raise KeyError("a")',
    'assert 1 == 2',
    'def g():\n    return __name__\nprint(g())',
  ];

  it('come to the same as each in a process of its own', async () => {
    const demonstrations = generateDemonstrations({ count: 24, seed: 5 }).map(({ code }) => code.code);
    const codes = [...tricky, ...demonstrations];
    const together = await runTogether(codes);
    for (const [i, code] of codes.entries()) {
      const alone = await runAlone(code);
      expect({ code, ...together[i] }).toEqual({ code, ...alone });
    }
  });

  it('keep the end of long output and the start of long errors', async () => {
    const [outcome] = await runTogether(['print("a" * 1000)\nprint("end")\nraise ValueError("b" * 1000)']);
    expect(outcome?.stdout.endsWith('aaa\nend\n')).toBe(true);
    expect(outcome?.exception?.startsWith('ValueError: bbb')).toBe(true);
    expect([outcome?.stdout.length, outcome?.exception?.length]).toEqual([64, 160]);
  });

  it('are refused as a whole when the program did not end well', async () => {
    expect(() => parseBatchOutput('[["1\\n",nu', 1)).toThrow(/no JSON/);
    expect(() => parseBatchOutput('[["1\\n",null]]', 2)).toThrow(/1 results came back/);
    const runner = batchRunner({
      run: async ([request]) => [
        {
          id: request?.id ?? '',
          end: 'infrastructure',
          stdout: '',
          stderr: '',
          queueMs: 0,
          cached: false,
          cpuMs: 0,
          memoryBytes: 0,
          cause: 'no engine',
        },
      ],
    });
    await expect(runner(['print(1)'])).rejects.toThrow(/infrastructure no engine/);
  });
});

describe('completed demonstrations', () => {
  it('of the testbed conclude from what the code printed', async () => {
    const demonstrations = generateDemonstrations({ count: 400, seed: 1 });
    const completed = await completeDemonstrations(demonstrations, TESTBED_STYLE, runTogether);
    for (const [i, { answer, cot, code }] of completed.entries()) {
      expect(cot.map(({ by }) => by)).toEqual(['prefix', 'model']);
      expect(cot[0]?.text).toBe('<|cot|>');
      expect(cot[1]?.text.endsWith(` \\boxed{${answer}}<|eos|>`)).toBe(true);
      const [prefix, written, tool, conclusion] = code;
      expect(code.map(({ by }) => by)).toEqual(['prefix', 'model', 'tool', 'model']);
      expect(prefix?.text).toBe('<|code|>');
      expect(written?.text).toBe(`${demonstrations[i]?.code.code}<|run|>`);
      const output = tool?.text.replace('<|out|>', '') ?? '';
      expect(output.length).toBeLessThanOrEqual(48);
      const failed = /Error: /.test(output);
      expect(conclusion?.text).toBe(failed ? 'code failed. \\boxed{none}<|eos|>' : `\\boxed{${output}}<|eos|>`);
    }
  });

  it('of one-step problems are right in both forms', async () => {
    const demonstrations = generateOneStepDemonstrations({ count: 60, seed: 1 });
    const completed = await completeDemonstrations(demonstrations, oneStepStyle('<|im_end|>'), runTogether);
    for (const { answer, cot, code } of completed) {
      expect(cot.map(({ text }) => text).join('')).toMatch(
        /^Let's think step by step\.\n.+\\boxed\{\d+\}\.<\|im_end\|>$/s,
      );
      expect(cot.at(-1)?.text).toContain(`\\boxed{${answer}}`);
      expect(code.map(({ text }) => text).join('')).toMatch(
        new RegExp(
          `^\`\`\`python\\n(\\w+) = \\d+ (\\+|-|\\*|//) \\d+\\nprint\\(\\1\\)\\n\`\`\`\\n\`\`\`output\\n${answer}\\n\`\`\`\\n` +
            `The answer is \\\\boxed\\{${answer}\\}\\.<\\|im_end\\|>$`,
        ),
      );
    }
  });
});
