/** The program inside the container: the Python files of `python/`, sent over stdin at every start. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** In order of execution, all in one scope. */
const FILES = [
  'system.py',
  'seccomp.py',
  'confine.py',
  'child.py',
  'template.py',
  'output.py',
  'accounting.py',
  'session.py',
  'processes.py',
  'nursery.py',
  'supervisor.py',
];

export interface SandboxProgram {
  /** Source for `python3 -c`. */
  readonly boot: string;
  /** First bytes on stdin: `<length>\n` and the JSON list of [file, source]. */
  readonly payload: Buffer;
  /** SHA-256 of `boot` and the files; part of the sandbox's fingerprint. */
  readonly digest: string;
}

export function readProgram(): SandboxProgram {
  const read = (file: string) => readFileSync(new URL(`./python/${file}`, import.meta.url), 'utf8');
  const boot = read('boot.py');
  const list = Buffer.from(JSON.stringify(FILES.map((file) => [file, read(file)])));
  return {
    boot,
    payload: Buffer.concat([Buffer.from(`${list.length}\n`), list]),
    digest: createHash('sha256').update(boot).update('\0').update(list).digest('hex'),
  };
}
