/** Canaries for `whencode doctor`: correct results, blocked attacks, empty containers. */

import type { ExecutionEnd } from '../rollout/types.ts';
import type { DockerSandbox } from './create-sandbox.ts';

export interface SandboxFinding {
  readonly name: string;
  readonly ok: boolean;
  /** The actual result, for people; empty when ok. */
  readonly detail: string;
}

interface Canary {
  readonly name: string;
  readonly code: string;
  readonly end: ExecutionEnd;
  readonly stdout: string;
}

/** Prints `held` if the operating system refuses the attempt. */
const refused = (name: string, attempt: string): Canary => ({
  name,
  code: `import os, socket\ntry:\n    ${attempt}\n    print('done')\nexcept OSError:\n    print('held')`,
  end: 'ok',
  stdout: 'held\n',
});

const CANARIES: readonly Canary[] = [
  { name: 'computes', code: 'print(6 * 7)', end: 'ok', stdout: '42\n' },
  { name: 'has sympy', code: 'import sympy\nprint(sympy.sqrt(8))', end: 'ok', stdout: '2*sqrt(2)\n' },
  { name: 'has numpy', code: 'import numpy\nprint(numpy.arange(4).sum())', end: 'ok', stdout: '6\n' },
  { name: 'stops endless code', code: 'while True: pass', end: 'cpu-timeout', stdout: '' },
  { name: 'stops too much memory', code: 'x = bytearray(1 << 40)', end: 'memory', stdout: '' },
  {
    name: 'survives a fork bomb',
    code: 'import os\nwhile True:\n    try: os.fork()\n    except OSError: pass',
    end: 'cpu-timeout',
    stdout: '',
  },
  refused('has no network', "socket.create_connection(('192.0.2.1', 80), 1)"),
  refused('can not write outside', "open('/etc/whencode', 'w')"),
  refused('can not signal its supervisor', 'os.kill(1, 9)'),
];

/** Runs the canaries (a few seconds of CPU time) and checks that no process or file is left. */
export async function checkSandbox(sandbox: DockerSandbox): Promise<SandboxFinding[]> {
  const requests = CANARIES.map(({ name, code }) => ({ id: name, previousBlocks: [], code, seed: 0 }));
  const results = await sandbox.run(requests);
  const findings = CANARIES.map(({ name, end, stdout }, index): SandboxFinding => {
    const result = results[index];
    const ok = result?.end === end && result.stdout === stdout;
    const came = `${result?.end} ${JSON.stringify(result?.stdout)} ${result?.cause ?? result?.exception ?? ''}`;
    return { name, ok, detail: ok ? '' : `expected ${end} ${JSON.stringify(stdout)}, came ${came}` };
  });
  const dirty = (await sandbox.census()).filter(({ processes, files }) => processes !== 2 || files !== 0);
  findings.push({
    name: 'leaves nothing behind',
    ok: dirty.length === 0,
    detail: dirty.map((c) => JSON.stringify(c)).join(),
  });
  return findings;
}
