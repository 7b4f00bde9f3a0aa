import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { DockerSandbox } from '../../../src/sandbox/create-sandbox.ts';
import { openSandbox, runCode } from './open-sandbox.ts';

let sandboxes: [DockerSandbox, DockerSandbox];
beforeAll(async () => {
  const limits = { cpuMs: 400, wallMs: 60_000 };
  sandboxes = await Promise.all([openSandbox({ limits }), openSandbox({ limits })]);
});

const HEAVY = 'import time\nwhile time.process_time() < 0.06: pass\n';

describe('state over blocks', () => {
  it('lives on, the output of earlier blocks does not', async () => {
    const result = await runCode(sandboxes[0], 'print(f(2))', ['print("noise")', 'def f(x): return x + y', 'y = 3']);
    expect(result).toMatchObject({ end: 'ok', stdout: '5\n', stderr: '' });
  });

  it('survives an exception, as in a notebook', async () => {
    expect((await runCode(sandboxes[0], 'print(a)', ['a = 1\n1/0'])).stdout).toBe('1\n');
  });

  it.each([
    ['loops', 'a = 2\nwhile True: pass'],
    ['exits past Python', 'a = 2\nimport os; os._exit(0)'],
    ['floods', 'a = 2\nwhile True: print("x" * 10000)'],
  ])('is as before when a block %s', async (_name, block) => {
    const blocks = ['a = 1', block, 'b = a'];
    expect((await runCode(sandboxes[0], 'print(a, b)', blocks)).stdout).toBe('1 1\n');
  });

  it('files of a block are there in the next, those of a killed block are not', async () => {
    const write = (name: string) => `open(${JSON.stringify(name)}, "w").close()`;
    const blocks = [write('kept'), `${write('lost')}\nwhile True: pass`];
    expect((await runCode(sandboxes[0], 'import os; print(os.listdir())', blocks)).stdout).toBe("['kept']\n");
  });

  it('goes on in the waiting process where the block was dear, and runs it again where that is lost', async () => {
    const [first, second] = sandboxes;
    const block = `${HEAVY}import random\na = random.random()`;
    await runCode(first, block);
    const before = first.metrics();
    const resumed = await runCode(first, 'print(a, random.random())', [block]);
    expect(first.metrics().sessionsResumed).toBe(before.sessionsResumed + 1);
    expect(first.metrics().blocksReplayed).toBe(before.blocksReplayed);
    const replayed = await runCode(second, 'print(a, random.random())', [block]);
    expect(second.metrics().sessionsResumed).toBe(0);
    expect(resumed.stdout).toMatch(/^0\.\d+ 0\.\d+\n$/);
    expect(replayed.stdout).toBe(resumed.stdout);
  });

  it('leaves nothing behind but the process that waits', async () => {
    const [census] = await sandboxes[0].census();
    expect(census).toMatchObject({ processes: 2, files: 0 });
  });
});

/** What a block can do: change variables, print, fail, be dear (so that its process is kept), or die. */
const block = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .tuple(fc.constantFrom('x', 'y'), fc.integer({ min: -9, max: 9 }))
      .map(([v, n]) => `${v} = ${n}\nprint(${v})`),
  },
  {
    weight: 4,
    arbitrary: fc.constantFrom('x += y', 'y = x * 2 + y', 'x, y = y, x', 'log.append((x, y))', 'print(x, y, log)'),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      'import random\nx = random.randrange(100)',
      'x += 1\nraise ValueError(x)',
      'print(undefined)',
    ),
  },
  { weight: 3, arbitrary: fc.constant(`${HEAVY}y += 1\nprint(y)`) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('x = 77\nimport os\nos._exit(1)', 'log.clear()\nimport os\nos.kill(os.getpid(), 9)'),
  },
);

/** The plain interpreter: all blocks in one process and one namespace, but for those that would end it. */
const PLAIN = `
import contextlib, io, json
def interpret(blocks):
    import random
    random.seed(1)
    namespace, outputs = {'__name__': '__main__'}, []
    for block in blocks:
        if 'import os' in block:
            outputs.append('')
            continue
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            try:
                exec(block.replace('process_time() < 0.06', 'process_time() < 0'), namespace)
            except Exception:
                pass
        outputs.append(out.getvalue())
    print(json.dumps(outputs))
`;

describe('random blocks, kept processes lost at random', () => {
  it('print what a plain interpreter prints', async () => {
    const walk = fc.array(fc.tuple(block, fc.nat(1)), { minLength: 1, maxLength: 7 });
    await fc.assert(
      fc.asyncProperty(walk, async (steps) => {
        const blocks = ['x, y, log = 1, 2, []'];
        const printed = [''];
        for (const [code, which] of steps) {
          const sandbox = which === 0 ? sandboxes[0] : sandboxes[1];
          printed.push((await runCode(sandbox, code, blocks)).stdout);
          blocks.push(code);
        }
        const plain = await runCode(sandboxes[0], `${PLAIN}interpret(${JSON.stringify(blocks)})`);
        expect(printed).toEqual(JSON.parse(plain.stdout));
      }),
      { numRuns: 25 },
    );
  });
});
