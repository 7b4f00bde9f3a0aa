import { beforeAll, expect, it } from 'vitest';
import type { DockerSandbox } from '../../../src/sandbox/create-sandbox.ts';
import { openSandbox, runCode } from './open-sandbox.ts';

const PROBES = {
  'hashes and order of sets': 'print(hash("abc"), {"a", "bc", "def"}, set("sandbox"), {object: 1})',
  addresses: 'print(id(object()), object())',
  random: 'import random; print(random.random(), random.Random().random(), random.SystemRandom().random())',
  'random after seed()': 'import random; random.seed(); print(random.random())',
  numpy: 'import numpy as np; print(np.random.rand(3), np.random.default_rng().random(2))',
  'system entropy': 'import os, secrets, uuid; print(os.urandom(8), secrets.token_hex(4), uuid.uuid4())',
  sympy:
    'import sympy as s; x, y, z = s.symbols("x y z"); print(s.srepr(x*y + z/y + s.sin(x)), s.randprime(10**6, 10**7))',
  'temporary names': 'import tempfile; print(tempfile.mkdtemp(), tempfile.NamedTemporaryFile().name)',
  'day and hour':
    'import time, datetime as d; print(time.time() // 3600, d.datetime.now().replace(minute=0, second=0, microsecond=0), d.date.today(), time.strftime("%Z"))',
  'host and place': 'import os, socket, getpass; print(os.getcwd(), socket.gethostname(), sorted(os.listdir("/")))',
  'thread count of BLAS': 'import os; print(os.environ["OPENBLAS_NUM_THREADS"])',
};

let sandboxes: DockerSandbox[];
beforeAll(async () => {
  sandboxes = await Promise.all([openSandbox(), openSandbox()]);
  // Different pasts: nothing of them may show.
  const [first] = sandboxes;
  if (first !== undefined)
    for (const code of ['x = [0] * 10**6', 'import sympy; sympy.Symbol("past")']) await runCode(first, code);
});

it.each(Object.entries(PROBES))('%s are the same in every container', async (_name, code) => {
  const results = await Promise.all(sandboxes.map((sandbox) => runCode(sandbox, code)));
  expect(results.map(({ end, exception }) => exception ?? end)).toEqual(['ok', 'ok']);
  expect(results[1]?.stdout).toBe(results[0]?.stdout);
});

it('another seed gives other numbers', async () => {
  const [sandbox] = sandboxes;
  if (sandbox === undefined) throw new Error('no sandbox');
  const draw = (seed: number) => runCode(sandbox, 'import random; print(random.random())', [], seed);
  expect((await draw(2)).stdout).not.toBe((await draw(1)).stdout);
});
