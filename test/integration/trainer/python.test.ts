/** The Python tests of this folder, in one process; each shows as a test here. */
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { readEnvironment } from '../../../src/config/environment.ts';

const NAMES = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith('_test.py'))
  .flatMap((file) =>
    [...readFileSync(join(import.meta.dirname, file), 'utf8').matchAll(/ {4}def (test_\w+)/g)].map(
      ([, name = '']) => name,
    ),
  );

describe('the PyTorch program', () => {
  let output = '';

  beforeAll(async () => {
    const { python } = readEnvironment();
    output = await new Promise((resolve) => {
      execFile(
        python,
        ['-B', '-W', 'ignore', '-m', 'unittest', 'discover', '-v', '-b', '-s', import.meta.dirname, '-p', '*_test.py'],
        (error, stdout, stderr) => resolve(`${stdout}${stderr}${error ? `\n${error.message}` : ''}`),
      );
    });
  });

  it.each(NAMES)('%s', (name) => {
    expect(output.match(new RegExp(`^${name} .*\\.\\.\\. ok$`, 'm')), output).not.toBeNull();
  });
});
