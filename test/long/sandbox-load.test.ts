import { type ChildProcess, spawn } from 'node:child_process';
import { cpus } from 'node:os';
import { expect, it } from 'vitest';
import { seededRandom } from '../../src/datasets/random.ts';
import { LEVELS } from '../../src/datasets/testbed/generate.ts';
import { createSandbox } from '../../src/sandbox/create-sandbox.ts';

const COUNT = 1000;

/** What models write for competition problems, with other numbers each time; some of it wrong, some of it endless. */
const KINDS: readonly ((i: number) => string)[] = [
  (i) => `from sympy import symbols, solve\nx = symbols('x')\nprint(solve(x**2 - ${i % 40}*x + ${(i % 40) - 1}, x))`,
  (i) => `from math import comb, gcd\nprint(comb(${20 + (i % 20)}, 7) % 1000, gcd(${i}, 360))`,
  (i) =>
    `from fractions import Fraction\ns = sum(Fraction(1, k) for k in range(1, ${5 + (i % 40)}))\nprint(s, float(s))`,
  (i) =>
    `count = 0\nfor a in range(1, ${60 + (i % 60)}):\n    for b in range(a, 200):\n        if (a*a + b*b) ** 0.5 % 1 == 0:\n            count += 1\nprint(count)`,
  (i) => `from sympy import factorint, totient\nprint(factorint(${i * 7919 + 1}), totient(${i + 2}))`,
  (i) => `import numpy as np\nm = np.array([[2, 1], [1, ${i % 9}]])\nprint(np.linalg.det(m).round(6), m @ m)`,
  (i) => `import itertools\nprint(sum(1 for p in itertools.permutations(range(7)) if p[0] < p[${1 + (i % 6)}]))`,
  (i) => `import random\nhits = sum(random.random() < 0.3 for _ in range(${2000 + i}))\nprint(hits)`,
  (i) =>
    `from sympy import *\nx = Symbol('x')\nprint(diff(x**${(i % 5) + 2} * sin(x), x), expand((x + 1)**${(i % 6) + 2}))`,
  (i) => `def f(n):\n    return n if n < 2 else f(n - 1) + f(n - 2)\nprint(f(${15 + (i % 6)}))`,
  (i) => `values = [${i}, 2, 3]\nprint(values[${i % 5}])`,
  (i) => `result = solve_it(${i})\nprint(result)`,
  (i) => `n = ${i + 10}\nwhile n != 1:\n    n = n // 2 if n % 2 == 0 else 3 * n + 1\nprint('reached', n)`,
];

function codeOf(i: number, drawn: string): string {
  if (i % 100 === 37) return `n = ${i}\nwhile n > 0:\n    n = n + 1`;
  return i % 4 === 0 ? drawn : (KINDS[i % KINDS.length]?.(i) ?? '');
}

function startLoad(count: number): ChildProcess[] {
  return Array.from({ length: count }, () => spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }));
}

it('1,000 real-looking snippets come to the same idle and under load', { timeout: 3_600_000 }, async () => {
  const random = seededRandom('snippets under load');
  const requests = Array.from({ length: COUNT }, (_, i) => ({
    id: `${i}`,
    previousBlocks: [],
    code: codeOf(i, LEVELS[i % LEVELS.length]?.draw(random).code ?? ''),
    seed: i,
  }));
  const outcomes: string[][] = [];
  for (const { slots, busy } of [
    { slots: 1, busy: 0 },
    { slots: 3 * cpus().length, busy: 2 * cpus().length },
  ]) {
    const load = startLoad(busy);
    const sandbox = await createSandbox({ slots, cache: false });
    try {
      const results = await sandbox.run(requests);
      outcomes.push(results.map(({ id, end, stdout, exception }) => `${id} ${end} ${stdout} ${exception ?? ''}`));
      console.log({ slots, busy, ends: sandbox.metrics().ends, retries: sandbox.metrics().retries });
    } finally {
      await sandbox.close();
      for (const loop of load) loop.kill('SIGKILL');
    }
  }
  const [idle = [], loaded = []] = outcomes;
  expect(loaded.filter((outcome, i) => outcome !== idle[i])).toEqual([]);
  expect(idle.filter((outcome) => outcome.includes(' ok ')).length).toBeGreaterThan(COUNT * 0.8);
  expect(idle.filter((outcome) => outcome.includes(' cpu-timeout ')).length).toBe(COUNT / 100);
});
