import { beforeAll, describe, expect, it } from 'vitest';
import type { DockerSandbox } from '../../../src/sandbox/create-sandbox.ts';
import { openSandbox, runCode } from './open-sandbox.ts';

let sandbox: DockerSandbox;
beforeAll(async () => {
  sandbox = await openSandbox({ showValue: true, limits: { cpuMs: 500, wallMs: 60_000, outputBytes: 1000 } });
});
const run = (code: string) => runCode(sandbox, code);

describe('ends', () => {
  it('ok: with what was printed and used', async () => {
    const result = await run('import sys\nprint(6 * 7)\nprint("note", file=sys.stderr)');
    expect(result).toMatchObject({ id: 'test', end: 'ok', stdout: '42\n', stderr: 'note\n' });
    expect(result.cpuMs).toBeGreaterThan(0);
    expect(result.cpuMs).toBeLessThan(400);
    expect(result.memoryBytes).toBeGreaterThan(20e6);
    expect(result).not.toHaveProperty('exception');
  });

  it('error: traceback of the snippet alone, its last line apart', async () => {
    const result = await run('def f():\n    return 1 / 0\nprint("before")\nf()');
    expect(result).toMatchObject({
      end: 'error',
      stdout: 'before\n',
      exception: 'ZeroDivisionError: division by zero',
    });
    expect(result.stderr).toBe(
      'Traceback (most recent call last):\n  File "<block 1>", line 4, in <module>\n    f()\n' +
        '  File "<block 1>", line 2, in f\n    return 1 / 0\n           ~~^~~\nZeroDivisionError: division by zero\n',
    );
  });

  it.each([
    ['a syntax error', 'def f(:', 'SyntaxError: invalid syntax'],
    ['exit with a status', 'import sys; sys.exit(3)', 'SystemExit: 3'],
    ['exit past Python', 'import os; os._exit(3)', 'exited with status 3'],
    ['death by an own signal', 'import os; os.kill(os.getpid(), 11)', 'ended by signal SIGSEGV'],
    ['suicide by the signal of the limits', 'import os; os.kill(os.getpid(), 9)', 'ended by signal SIGKILL'],
    ['input that is not there', 'input()', 'EOFError: EOF when reading a line'],
    [
      'a lone surrogate',
      'print("\\ud800")',
      "UnicodeEncodeError: 'utf-8' codec can't encode character '\\ud800' in position 0: surrogates not allowed",
    ],
  ])('error: %s', async (_name, code, exception) => {
    expect(await run(code)).toMatchObject({ end: 'error', exception });
  });

  it.each([
    ['exit(0) is no error', 'import sys; print(1); sys.exit(0); print(2)', '1\n'],
    [
      'the main thread is the process',
      'import os, threading as t\nprint(t.main_thread().native_id == os.getpid())',
      'True\n',
    ],
    ['threads are waited for', 'import threading; threading.Thread(target=lambda: print("t")).start()', 't\n'],
    ['a forked copy ends with the block', 'import os\nif os.fork(): os.wait()\nprint("x")', 'x\nx\n'],
    ['programs can be run', 'import subprocess; print(subprocess.check_output(["echo", "hi"]).decode())', 'hi\n\n'],
    [
      'pools can be used',
      'from multiprocessing import Pool\nwith Pool(2) as p: print(p.map(abs, [-1, 2]))',
      '[1, 2]\n',
    ],
    [
      'signals are those of stock Python',
      'import signal as s\nprint([n.name for n in s.Signals if n < 32 and s.getsignal(n) == s.SIG_IGN], s.getsignal(2).__name__)',
      "['SIGPIPE', 'SIGXFSZ'] default_int_handler\n",
    ],
    [
      'a program can be ended',
      'import subprocess\np = subprocess.Popen(["sleep", "60"])\np.terminate()\nprint(p.wait())',
      '-15\n',
    ],
    ['files can be written', 'open("a.txt", "w").write("z"); print(open("/tmp/a.txt").read())', 'z\n'],
    [
      'classes can be pickled',
      'import pickle\nclass A: pass\nprint(type(pickle.loads(pickle.dumps(A()))))',
      "<class '__main__.A'>\n",
    ],
    ['source can be inspected', 'import inspect\nclass A: pass\nprint(inspect.getsource(A))', 'class A: pass\n\n'],
    [
      'alarms ring',
      'import signal\nsignal.signal(14, lambda *_: print("ring"))\nsignal.setitimer(0, .01)\nsignal.pause()',
      'ring\n',
    ],
  ])('ok: %s', async (_name, code, stdout) => {
    expect(await run(code)).toMatchObject({ end: 'ok', stdout });
  });

  it('cpu-timeout: with what was printed before', async () => {
    const result = await run('print("begin")\nwhile True: pass');
    expect(result).toMatchObject({ end: 'cpu-timeout', stdout: 'begin\n' });
    expect(result.cpuMs).toBeGreaterThanOrEqual(500);
    expect(result.cpuMs).toBeLessThan(2500);
  });

  it('wall-timeout: code that sleeps', async () => {
    const impatient = await openSandbox({ limits: { cpuMs: 500, wallMs: 3000 } });
    const result = await runCode(impatient, 'import time\ntime.sleep(60)');
    expect(result.end).toBe('wall-timeout');
    expect(result.cpuMs).toBeLessThan(300);
  });

  it('memory: too much at once', async () => {
    expect(await run('x = "a" * 10**10')).toMatchObject({ end: 'memory', exception: 'MemoryError' });
    expect(await run('import numpy; numpy.zeros(10**12)')).toMatchObject({ end: 'memory' });
  });

  it('output: a flood is stopped, its begin and end kept', async () => {
    const result = await run('i = 0\nwhile True:\n    i += 1\n    print(i)');
    expect(result.end).toBe('output');
    expect(result.stdout.startsWith('1\n2\n3\n')).toBe(true);
  });
});

describe('output', () => {
  it('is whole up to the limit, to the byte', async () => {
    const result = await run('import sys; sys.stdout.write("x" * 1000)');
    expect(result.stdout).toBe('x'.repeat(1000));
  });

  it('over the limit is three quarters head and one quarter tail, with what was left out counted', async () => {
    const result = await run('import sys; sys.stdout.write("a" * 750 + "b" + "c" * 250)');
    expect(result.stdout).toBe(`${'a'.repeat(750)}\n[... 1 bytes left out ...]\n${'c'.repeat(250)}`);
  });

  it('never cuts a character in two', async () => {
    const result = await run('import sys; sys.stdout.write("€" * 400)');
    // 1,200 bytes: 750 of head are 250 characters, 250 of tail are 83 and a rest of one byte.
    expect(result.stdout).toBe(`${'€'.repeat(250)}\n[... 201 bytes left out ...]\n${'€'.repeat(83)}`);
  });

  it('shows what is not UTF-8, and NUL, by its bytes', async () => {
    const result = await run('import os; os.write(1, b"ok \\xff\\xfe \\xe2\\x82 a\\x00b")');
    expect(result.stdout).toBe('ok \\xff\\xfe \\xe2\\x82 a\\x00b');
  });
});

describe('value of the last expression', () => {
  it.each([
    ['x = 5\nx * 2', '10'],
    ['"text"', "'text'"],
    ['import sympy\nsympy.sqrt(8)', '2*sqrt(2)'],
    ['x = 5', undefined],
    ['None', undefined],
    ['5;', '5'],
  ])('%j is %s', async (code, value) => {
    expect((await run(code)).value).toBe(value);
  });
});

describe('stock Python', () => {
  it('overflows at the same depth as `python3 -c`, and keeps the limit on digits', async () => {
    const depth = 'def d(n):\n    try: return d(n + 1)\n    except RecursionError: return n\nprint(d(1))';
    expect((await run(depth)).stdout).toBe('999\n');
    expect((await run('import sys; print(sys.getrecursionlimit())')).stdout).toBe('1000\n');
    expect((await run('print(len(str(10 ** 4299)))')).stdout).toBe('4300\n');
    expect((await run('print(10 ** 4300)')).exception).toMatch(/^ValueError: Exceeds the limit \(4300 digits\)/);
  });
});
