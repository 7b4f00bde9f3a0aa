import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { gradeWithMathVerify } from '../../../src/cli/math-verify.ts';

/** An interpreter that does what a shell script says. */
function python(script: string): string {
  const path = join(mkdtempSync(join(tmpdir(), 'whencode-')), 'python');
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

const pairs = [
  { gold: '1', answer: '\\boxed{1}' },
  { gold: '1', answer: '2' },
];

it('gives a verdict a pair, in order', () => {
  const path = python(
    `while read -r line; do case "$line" in *boxed*) echo '"correct"';; *) echo '"incorrect"';; esac; done`,
  );
  expect(gradeWithMathVerify(path, pairs)).toEqual(['correct', 'incorrect']);
});

it.each([
  [
    'the package is missing',
    'cat > /dev/null; exit 3',
    /has no math-verify; install it with `.*pip install math-verify`/,
  ],
  ['it fails', 'cat > /dev/null; echo trouble >&2; exit 1', /Math-Verify failed: trouble/],
  ['it stops early', `head -n 1 > /dev/null; echo '"correct"'`, /1 verdicts on 2 answers/],
])('says what to do where %s', (_name, script, message) => {
  expect(() => gradeWithMathVerify(python(script), pairs)).toThrow(message);
});

it('says what to do where the interpreter is missing', () => {
  expect(() => gradeWithMathVerify('/nowhere/python', pairs)).toThrow(/\/nowhere\/python does not run/);
});
