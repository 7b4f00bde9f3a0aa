import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { sendBatch } from '../../../src/outbox/send-batch.ts';

let home: string;
beforeEach(async () => {
  home = await realpath(await mkdtemp(join(tmpdir(), 'whencode-send-')));
});
afterEach(() => rm(home, { recursive: true, force: true }));

/** What an interpreter that ends with this complaint makes of a batch. */
async function failureOf(complaint: string): Promise<string> {
  const python = join(home, 'python');
  await writeFile(python, `#!/bin/sh\necho "${complaint}" >&2\nexit 1\n`, { mode: 0o755 });
  const directory = join(home, 'reports', 'mlflow');
  const run = { tracker: 'mlflow', project: 'whencode', id: 'math-1', name: 'math', directory, config: {} } as const;
  const sending = sendBatch(
    python,
    { PATH: '/usr/bin:/bin' },
    { run, records: [], ended: false },
    AbortSignal.timeout(60_000),
  );
  return await sending.then(
    () => 'sent',
    (error: unknown) => `${error}`,
  );
}

it('a failure names the server without its user and password', async () => {
  const failure = await failureOf('no answer of https://ada:secret@mlflow.example:5000/api, nor of x://token@host');
  expect(failure).toContain('https://…@mlflow.example:5000/api, nor of x://…@host');
  expect(failure).not.toMatch(/ada|secret|token/);
});

it('the library runs in the folder of its tracker, so that a relative address is below the home folder', async () => {
  expect(await failureOf('$PWD')).toContain(join(home, 'reports', 'mlflow'));
});
