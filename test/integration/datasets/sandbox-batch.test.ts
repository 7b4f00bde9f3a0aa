/** Demonstrations are run many to a program; rollouts one to a process. In the same sandbox both must come to the same. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { batchRunner } from '../../../src/datasets/batch-program.ts';
import { seededRandom } from '../../../src/datasets/random.ts';
import { LEVELS } from '../../../src/datasets/testbed/generate.ts';
import { createSandbox, type DockerSandbox } from '../../../src/sandbox/create-sandbox.ts';

let sandbox: DockerSandbox;

beforeAll(async () => {
  sandbox = await createSandbox({ slots: 1 });
});
afterAll(async () => {
  await sandbox?.close();
});

it('gives every code habit the same outcome in a batch as alone', async () => {
  const random = seededRandom('batch against single');
  const habits = LEVELS.flatMap((level) => Array.from({ length: 2 }, () => level.draw(random).code));
  // The deepest sum that code is favoured for, and the smallest that it is not.
  const codes = [...habits, ...[879, 1000].map((n) => `f=lambda n:n and n+f(n-1);print(f(${n}))`)];
  const together = await batchRunner(sandbox)(codes);
  const alone = await sandbox.run(codes.map((code, i) => ({ id: `${i}`, previousBlocks: [], code, seed: 0 })));
  expect(codes.map((code, i) => ({ code, ...together[i] }))).toEqual(
    alone.map(({ stdout, exception }, i) => ({
      code: codes[i],
      stdout,
      ...(exception === undefined ? {} : { exception }),
    })),
  );
  expect(together.at(-2)).toEqual({ stdout: '386760\n' });
  expect(together.at(-1)?.exception).toMatch(/^RecursionError/);
});
